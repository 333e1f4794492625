"""Import a month of FOCUS 1.2 rows through the product, beside psql's \\copy of the same file into a bare wide table.

Both run in turn in the same embedded PostgreSQL, each after a vacuum and a checkpoint; a ratio is the median of the
rounds' ratios. The import does all its work: every field read and checked, half the charges attributed to a hundred initiatives by two hundred rules, evidence kept, rollups and the
record written, in one transaction. Sums, all and attributed, are compared with the generator's, or there is no
figure. `--json` prints ratio_to_copy_indexed, ratio_to_copy, rows_per_s, peak_mib, and the peak of ten thousand rows beside it, because memory must not grow with the file. `--parquet` imports the same rows
as Parquet, against the same floors.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NUMERIC = [
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "ContractedCost",
    "ListUnitPrice",
    "ContractedUnitPrice",
    "PricingQuantity",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "ConsumedQuantity",
    "CommitmentDiscountQuantity",
]
TIMES = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
JSON_COLUMNS = ("Tags", "SkuPriceDetails")
COLUMNS = [
    "ProviderName",
    "PublisherName",
    "InvoiceIssuerName",
    "InvoiceId",
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "ContractedCost",
    "ListUnitPrice",
    "ContractedUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "PricingCurrency",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "BillingCurrency",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ServiceName",
    "ServiceCategory",
    "ServiceSubcategory",
    "SkuId",
    "SkuMeter",
    "SkuPriceId",
    "SkuPriceDetails",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "RegionId",
    "RegionName",
    "AvailabilityZone",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountCategory",
    "CommitmentDiscountType",
    "CommitmentDiscountStatus",
    "CommitmentDiscountQuantity",
    "CommitmentDiscountUnit",
    "CapacityReservationId",
    "CapacityReservationStatus",
    "Tags",
]
SERVICES = (
    ("Amazon Bedrock", "AI and Machine Learning", "Generative AI", "Input Tokens", "1K tokens"),
    ("AmazonEC2", "Compute", "Virtual Machines", "Compute", "Hours"),
    ("Amazon S3", "Storage", "Object Storage", "Storage", "GB-Month"),
    ("Amazon OpenSearch Service", "Analytics", "Search", "Instance", "Hours"),
    ("AWS Data Transfer", "Networking", "Content Delivery", "Bytes", "GB"),
)
SMALL_ROWS = 10_000
APPLICATIONS, OWNED_APPLICATIONS, INITIATIVES = 400, 200, 100
INDEXES = ("SubAccountId", "ServiceName", "ChargePeriodStart")


def resources(count: int) -> list[tuple[str, str, str]]:
    """Make the text of each resource's line, apart from its hour and its costs."""
    chance, made = random.Random(20260501), []
    for number in range(count):
        service, category, sub, meter, unit = SERVICES[min(int(chance.expovariate(0.7)), 4)]
        account, region = 200000000000 + number % 200, chance.choice(["us-east-1", "eu-west-1", "eu-central-1"])
        tags = (
            f'"{{""application"":""app-{number % APPLICATIONS}"",""environment"":""{chance.choice(["prod", "test"])}"",'
        )
        tags += f'""cost-center"":""cc-{number % 90}"",""owner"":""team-{number % 60}""}}"'
        start = (
            f"AWS,AWS,AWS,INV-2026-05-{account % 4},100000000001,Example Payer,Payer Account,{account},account-{account},"
            "Linked Account,2026-05-01T00:00:00Z,2026-06-01T00:00:00Z"
        )
        middle = f"Usage,,{service} {meter} in {region},Usage-Based"
        end = (
            f"Standard,1.0000,{unit},USD,0.0879921530,0.08799215300000,0.0977690589,USD,1.0000,{unit},{service},"
            f'{category},{sub},SKU-{number % 900},{meter},PRICE-{number % 900},"{{""InstanceType"":""m6i.large"",'
            f'""CoreCount"":2,""x_Tenancy"":""Shared""}}",arn:aws:svc:{region}:{account}:resource/i-{number:012x},'
            f"i-{number:012x},Resource,{region},Region {region},{region}b,,,,,,,,,,{tags}"
        )
        made.append((start, middle, end))
    return made


@dataclass(frozen=True)
class Month:
    """The effective cost of what was written, and of that what the applications with an owner cost."""

    total: Decimal
    owned: Decimal


def write_month(path: Path, rows: int) -> Month:
    """Write the same rows for the same count, and return what they cost."""
    chance, known, total, owned = random.Random(rows), resources(max(rows // 50, 1)), 0, 0
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(COLUMNS) + "\n")
        for _ in range(rows):
            number = chance.randrange(len(known))
            start, middle, end = known[number]
            hour, cost = chance.randrange(744), chance.randrange(10**12)
            day, clock = hour // 24 + 1, hour % 24
            total += cost
            owned += cost if number % APPLICATIONS < OWNED_APPLICATIONS else 0
            money = f"{cost // 10**11}.{cost % 10**11:011}"
            file.write(
                f"{start},2026-05-{day:02}T{clock:02}:00:00Z,2026-05-{day:02}T{clock:02}:59:59Z,{middle},"
                f"{money},{money},{money},{money},0.0977690589,0.0879921530,{end}\n"
            )
    return Month(Decimal(total).scaleb(-11), Decimal(owned).scaleb(-11))


def copy_seconds(address: str, path: Path, *, indexed: bool) -> float:
    """Load the file into a new bare table by psql's \\copy and return the seconds it took."""
    from launch.binaries import postgres_folder

    psql = postgres_folder(None) / "psql"
    kinds = {
        **dict.fromkeys(NUMERIC, "numeric"),
        **dict.fromkeys(TIMES, "timestamptz"),
        **dict.fromkeys(JSON_COLUMNS, "jsonb"),
    }
    columns = ", ".join(f'"{name}" {kinds.get(name, "text")}' for name in COLUMNS)
    make = [f"CREATE TABLE bare ({columns}) WITH (autovacuum_enabled = false)"]
    make += [f'CREATE INDEX ON bare ("{name}")' for name in INDEXES] if indexed else []
    options = [str(psql), "-qX", "-v", "ON_ERROR_STOP=1", address]
    subprocess.run([*options, *(part for text in make for part in ("-c", text))], check=True)
    began = time.monotonic()
    subprocess.run([*options, "-c", f"\\copy bare FROM '{path}' (FORMAT csv, HEADER)"], check=True)
    seconds = time.monotonic() - began
    subprocess.run([*options, "-c", "DROP TABLE bare"], check=True)
    return seconds


def settle(address: str) -> None:
    """Let the database tend and write what the last work left, so that the next one does not pay for it."""
    from launch.binaries import postgres_folder

    tend = ("-c", "VACUUM (ANALYZE)", "-c", "CHECKPOINT")
    subprocess.run([str(postgres_folder(None) / "psql"), "-qX", address, *tend], check=True)


def start_product() -> None:
    """Make the product's parts usable in this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council.settings")
    import django

    django.setup()


def make_owners() -> None:
    """Register initiatives, and rules that give each the charges of two applications."""
    start_product()
    from projects.attribution.drafts import RuleDraft
    from projects.attribution.services import make_rule
    from projects.common.clock import now
    from projects.people.roles import Role
    from tests.factories.initiatives import initiative
    from tests.factories.people import person

    owner, finance, at = person("owner"), person("finance", Role.FINANCE), now()
    made = [initiative(owner, name=f"Initiative {number}") for number in range(INITIATIVES)]
    for number in range(OWNED_APPLICATIONS):
        draft = RuleDraft(
            kind="tag", tag_key="application", value=f"app-{number}", initiative=made[number % INITIATIVES]
        )
        make_rule(draft=draft, by=finance, at=at)


def import_once(path: str, source: str) -> None:
    """Import the file in this process and print seconds, peak memory and the sums that came out."""
    start_product()
    from django.db.models import Sum

    from projects.common.clock import now
    from projects.people.services import import_service
    from projects.spend.models import SpendDay
    from projects.spend.services import CostFile, import_costs
    from projects.spend.totals import Wanted, cost_totals

    by, at = import_service(), now()
    began = time.monotonic()
    import_costs(file=CostFile(Path(path), "month.csv", source, same_content_confirmed=True), by=by, at=at)
    seconds = time.monotonic() - began
    peak = own_peak_mib()
    total = cost_totals(Wanted(source=source))["totals"][0]
    days = SpendDay.objects.filter(part__source__name=source, initiative__isnull=False)
    owned = days.aggregate(sum=Sum("effective_cost"))["sum"]
    sums = {"rows": total["rows"], "sum": total["effective_cost"], "owned": format(owned, "f")}
    print(json.dumps({"seconds": seconds, "peak_mib": peak, **sums}))


def own_peak_mib() -> float:
    """Return the most memory this process held; what its parent held before does not count."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


def as_parquet(path: Path) -> Path:
    """Write the same rows as zstd Parquet, times as moments and figures as decimals."""
    import polars as pl

    moments = [pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC") for name in TIMES]
    figures = [pl.col(name).cast(pl.Decimal(38, 18)) for name in NUMERIC]
    typed = pl.scan_csv(path, infer_schema=False).with_columns(*moments, *figures)
    typed.sink_parquet(path.with_suffix(".parquet"), compression="zstd")
    return path.with_suffix(".parquet")


def imported(path: Path, source: str, rows: int, month: Month) -> dict[str, float]:
    """Import a file in a process of its own. Raise AssertionError where rows or sums are not the generator's."""
    command = [sys.executable, __file__, "--child", str(path), source]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    found = result["rows"], Decimal(result["sum"]), Decimal(result["owned"])
    assert found == (rows, month.total, month.owned), result
    return result


def measure(rows: int, rounds: int, home: Path, *, parquet: bool) -> dict[str, object]:
    """Run product and floors in turn and return the figures. Raise AssertionError where a sum is wrong."""
    from launch.addresses import embedded_database_url
    from launch.keeper import database_in_use

    path, small = home / "month.csv", home / "small.csv"
    month, small_month = write_month(path, rows), write_month(small, SMALL_ROWS)
    taken = as_parquet(path) if parquet else path
    times: dict[str, list[float]] = {"import": [], "copy": [], "copy_indexed": []}
    peak = 0.0
    with database_in_use():
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
        subprocess.run([sys.executable, __file__, "--owners"], cwd=ROOT, check=True)
        owner, admin = embedded_database_url("owner"), embedded_database_url("superuser")
        small_peak = imported(small, "small", SMALL_ROWS, small_month)["peak_mib"]
        for number in range(rounds):
            for name, indexed in (("copy", False), ("copy_indexed", True)):
                settle(admin)
                times[name].append(copy_seconds(owner, path, indexed=indexed))
            settle(admin)
            result = imported(taken, f"round-{number}", rows, month)
            times["import"].append(result["seconds"])
            peak = max(peak, result["peak_mib"])
            load = os.getloadavg()[0]
            print(
                f"round {number + 1}: { ({name: round(took[-1], 2) for name, took in times.items()}) } load {load:.1f}",
                file=sys.stderr,
            )
    return {
        "rows": rows,
        "ratio_to_copy_indexed": _ratio(times["import"], times["copy_indexed"]),
        "ratio_to_copy": _ratio(times["import"], times["copy"]),
        "rows_per_s": round(rows / statistics.median(times["import"])),
        "peak_mib": round(peak),
        f"peak_mib_at_{SMALL_ROWS}": round(small_peak),
        "seconds": {name: [round(took, 2) for took in taken] for name, taken in times.items()},
    }


def _ratio(product: list[float], floor: list[float]) -> float:
    """Return the median of the rounds' ratios: what a machine lends to others changes slower than a round takes."""
    return round(statistics.median(ours / theirs for ours, theirs in zip(product, floor, strict=True)), 3)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--parquet", action="store_true", help="import the same rows from Parquet")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--owners", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if options.child:
        import_once(*options.child)
        return
    if options.owners:
        make_owners()
        return
    with tempfile.TemporaryDirectory(prefix="tollgate-benchmark-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o711)
        os.environ["TOLLGATE_HOME"] = str(home)
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            os.environ.pop(name, None)
        os.environ["BROKER_URL"] = "memory://"
        figures = measure(options.rows, options.rounds, home, parquet=options.parquet)
    print(json.dumps(figures) if options.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
