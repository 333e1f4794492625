"""Small tables of costs, as the tests of quirks write them."""

from pathlib import Path

HEAD = "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ServiceName,Tags"
NAMES = HEAD.split(",")
ROW = "1.50,1.25,USD,2025-05-01T00:00:00Z,Bücher,"


def write(tmp_path: Path, content: str | bytes, name: str = "costs.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def table(*rows: str, head: str = HEAD) -> str:
    return "\n".join([head, *rows]) + "\n"
