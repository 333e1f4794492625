"""Check a file of usage payloads against the tokens and prices that it expects."""

from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from projects.common.commands import BadRow, InputRefused, JsonCommand, read_input
from projects.prices.payloads import PUBLISHED_FOR, PayloadsUnreadable, compare, read_payloads
from projects.prices.shipped import in_order_of_force, shipped_sheets


class Command(JsonCommand):
    """Answer how many expected prices are matched, how many have no price, and every figure that differs."""

    help = "Price the usage payloads of a file by the shipped price sheets and compare with the prices it expects."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept the file and the day for which it is priced."""
        super().add_arguments(parser)
        parser.add_argument("file", help="JSON list of payloads with body, extracted usage and expected prices")
        parser.add_argument(
            "--on",
            default=PUBLISHED_FOR.isoformat(),
            help=f"the day whose prices hold, at noon UTC; default {PUBLISHED_FOR}, for which the payloads were priced",
        )

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Return counts and differences. Raise InputRefused for a day that is none or a file that is no list of payloads."""
        try:
            on = date.fromisoformat(options["on"])
        except ValueError as wrong:
            raise InputRefused("bad_date", f"{options['on']} is not a day. Write it as 2026-01-31.") from wrong
        try:
            expectations = read_payloads(read_input(options["file"]))
        except PayloadsUnreadable as unreadable:
            rows = [BadRow(unreadable.payload, "payload", unreadable.value, str(unreadable))]
            raise InputRefused("payloads_unreadable", str(unreadable), rows if unreadable.payload else []) from None
        result = compare(expectations, in_order_of_force(shipped_sheets(), on), on=on)
        return {
            "expectations": result.expectations,
            "matched": result.matched,
            "unpriced": result.unpriced,
            "differences": [asdict(difference) for difference in result.differences],
        }
