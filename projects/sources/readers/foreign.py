"""Tables that are known but are no bills: each is refused with a sentence of its own."""

from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.plans import Header

# (columns that tell the table, code, sentence); the first whose columns are all there is said.
TABLES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("ContractCommitmentId", "ContractCommitmentCost"),
        "not_a_cost_file",
        "This is FOCUS's Contract Commitment dataset: what was promised, not what was charged. "
        "Record it under contracts; import the Cost and Usage dataset here.",
    ),
    (
        ("hour_start_utc", "client_id", "requests"),
        "usage_without_money",
        "This is usage without money (requests and tokens by client and hour). Import the bill or the gateway's spend.",
    ),
    (
        ("TIMESTAMP", "ContextTokens", "GeneratedTokens"),
        "usage_without_money",
        "This is a trace of requests with tokens and no money or model. Import the bill or the gateway's spend.",
    ),
    (
        ("BillingPeriodStart", "BillingPeriodStatus"),
        "not_a_cost_file",
        "This is FOCUS's Billing Period dataset: when periods close, not what was charged.",
    ),
    (
        ("meterId", "retailPrice"),
        "price_list",
        "This is a price list, not a bill. Load it under prices.",
    ),
)


def refuse_foreign_table(header: Header) -> None:
    """Raise UnreadableFile if the table is one of those that are no bills."""
    for columns, code, sentence in TABLES:
        if header.has(*columns):
            raise UnreadableFile(code, sentence)
