"""Keep what a delivery says of wallets and unused commitments, in the delivery's own transaction."""

from typing import Any, Protocol

from projects.wallets.models import UnusedDay, WalletDay


class Gathered(Protocol):
    """Days that were put aside while a file was loaded."""

    @property
    def wallet_days(self) -> list[dict[str, Any]]:
        """Return each part's days of units."""
        ...

    @property
    def unused_days(self) -> list[dict[str, Any]]:
        """Return each part's days of unused commitments."""
        ...


def keep_wallets(*, gathered: Gathered) -> None:
    """Keep the days of a delivery whose parts exist; the delivery's record is theirs."""
    WalletDay.objects.bulk_create((WalletDay(**row) for row in gathered.wallet_days), batch_size=1000)
    UnusedDay.objects.bulk_create((UnusedDay(**row) for row in gathered.unused_days), batch_size=1000)
