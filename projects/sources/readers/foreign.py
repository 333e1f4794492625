"""Files that are known but are no bills: each is refused with a sentence of its own."""

from collections.abc import Callable
from typing import Any

from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.plans import Header

USAGE = "usage_without_money"
NO_BILL = "not_a_cost_file"
PRICES = "price_list"
PORTFOLIO = "portfolio_file"
SUMMARY = "summary_not_bill"

PRICE_LIST = "This is a list of prices, not a bill. Load it under prices."
EXPLORER = (
    "This is an answer of AWS Cost Explorer: totals without charges. Import the FOCUS export or the Cost and Usage "
    "Report."
)
TRACES = (
    "These are Langfuse's traces without their observations, which carry models, tokens and costs. Export the "
    "observations, or each trace with its own."
)
GOOGLE = "This is Google Cloud's own billing export, with credits inside its rows. Import its FOCUS view."
INITIATIVES = "This is a list of initiatives or projects, not a bill. Bring it in under intake."

# (columns that tell the table, code, sentence); the first whose columns are all there is said.
TABLES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("ContractCommitmentId", "ContractCommitmentCost"),
        NO_BILL,
        "This is FOCUS's Contract Commitment dataset: what was promised, not what was charged. "
        "Record it under contracts; import the Cost and Usage dataset here.",
    ),
    (
        ("BillingPeriodStart", "BillingPeriodStatus"),
        NO_BILL,
        "This is FOCUS's Billing Period dataset: when periods close, not what was charged.",
    ),
    (
        ("hour_start_utc", "client_id", "requests"),
        USAGE,
        "This is usage without money (requests and tokens by client and hour). Import the bill or the gateway's spend.",
    ),
    (
        ("TIMESTAMP", "ContextTokens", "GeneratedTokens"),
        USAGE,
        "This is a trace of requests with tokens and no money or model. Import the bill or the gateway's spend.",
    ),
    (
        ("sku_name", "usage_quantity", "usage_unit", "usage_start_time"),
        USAGE,
        "This is Databricks' table of billable usage: units without money. Join its list prices and import the costs.",
    ),
    (("service.description", "usage_start_time", "cost"), SUMMARY, GOOGLE),
    (("Service description", "SKU ID", "Usage start date"), SUMMARY, GOOGLE),
    (("bookmarked", "sessionId", "timestamp"), USAGE, TRACES),
    (("service_description", "usage_start_time", "cost", "cost_type"), SUMMARY, GOOGLE),
    (
        ("usage_date_utc", "usage_output_tokens"),
        USAGE,
        "This is Anthropic's export of tokens: usage without money. Download the cost export of the same days.",
    ),
    (
        ("num_model_requests", "input_tokens"),
        USAGE,
        "This is OpenAI's export of usage: requests and tokens without money. Download the cost export of the same days.",
    ),
    (("meter_name", "retail_price_usd"), PRICES, PRICE_LIST),
    (("meterId", "retailPrice"), PRICES, PRICE_LIST),
    (("Country", "Exchange rate"), NO_BILL, "These are exchange rates, not a bill. Load them under currencies."),
    (("Use Case Name", "Agency"), PORTFOLIO, INITIATIVES),
    (("Use_Case_ID", "Title"), PORTFOLIO, INITIATIVES),
    (("Unique Investment Identifier", "Project Name"), PORTFOLIO, INITIATIVES),
    (("project_id", "planned_duration_days"), PORTFOLIO, INITIATIVES),
    (
        ("activity_id", "project_id"),
        PORTFOLIO,
        "These are milestones of projects, not a bill. Bring them in under intake.",
    ),
    (("project_name", "department"), PORTFOLIO, INITIATIVES),
    (("publishing_body", "tool_name"), PORTFOLIO, INITIATIVES),
    (("priority", "match_on", "pattern"), NO_BILL, "These are rules, not a bill. Load them under attribution."),
)
COPILOT = (
    ("Timestamp", "User", "Model", "Requests Used"),
    ("date", "username", "model", "quantity"),
    ("date", "username", "model", "cache_read"),
)
COPILOT_WITHOUT_MONEY = (
    "This Copilot report counts requests or tokens without money. Download the usage report with gross and net amounts."
)
TURNED_PROJECTS = (
    "The table is turned: each column is a project and each row one of its attributes. Transpose it and bring it in "
    "under intake; it is a list of projects, not a bill."
)
SERIES = "These are figures over time without service or currency. Give a mapping if they are amounts of money."
DESCRIPTION = "This describes data or an interface; it is not an export from it."


POINTER = "This is Git LFS's pointer to a file, not the file. Fetch the file itself (git lfs pull) and import that."


def refuse_foreign_table(header: Header) -> None:
    """Raise UnreadableFile if the table is one of those that are no bills."""
    if header.columns and header.columns[0].startswith("version https://git-lfs.github.com/"):
        raise UnreadableFile(NO_BILL, POINTER)
    if any(header.has(*columns) for columns in COPILOT) and not header.find("net_amount", "net amount"):
        raise UnreadableFile(USAGE, COPILOT_WITHOUT_MONEY)
    for columns, code, sentence in TABLES:
        if header.has(*columns):
            raise UnreadableFile(code, sentence)
    names = [column.strip().lower() for column in header.columns]
    if len(names) > 2 and all(name.endswith("($)") for name in names[1:]):
        raise UnreadableFile(SUMMARY, EXPLORER)
    if names == ["timestamp", "value"]:
        raise UnreadableFile(NO_BILL, SERIES)
    if names[0] in ("project name", "project_name") and len(names) > 1 and "department" not in names:
        raise UnreadableFile("turned_table", TURNED_PROJECTS)


def refuse_foreign_document(document: Any) -> None:
    """Raise UnreadableFile if the JSON is known but is no bill."""
    for tells, code, sentence in DOCUMENTS:
        if tells(_some_keys(document)):
            raise UnreadableFile(code, sentence)


def _some_keys(document: Any) -> set[str]:
    """Give the keys at the top of a document and in the first things it holds."""
    held = (
        list(document.values())[:20]
        if isinstance(document, dict)
        else document[:20]
        if isinstance(document, list)
        else []
    )
    keys = {f"/{key}" for key in document} if isinstance(document, dict) else set()
    lists = [part for item in held if isinstance(item, list) for part in item[:5]]
    return keys.union(*(item.keys() for item in [*held, *lists] if isinstance(item, dict)))


DOCUMENTS: tuple[tuple[Callable[[set[str]], bool], str, str], ...] = (
    (
        lambda keys: bool({"copilot_ide_code_completions", "copilot_ide_chat", "total_suggestions_count"} & keys),
        USAGE,
        "These are Copilot's adoption figures: people and suggestions without money. Import the usage report with "
        "gross and net amounts.",
    ),
    (
        lambda keys: "/total_seats" in keys,
        USAGE,
        "This is Copilot's list of seats: who has one, not what it costs. Import the usage report with gross and net "
        "amounts.",
    ),
    (
        lambda keys: {"core_metrics", "model_breakdown"} <= keys,
        SUMMARY,
        "This is Anthropic's report on Claude Code: estimates by person. Import the cost report of the same days.",
    ),
    (
        lambda keys: {"metrics", "breakdown"} <= keys or {"group_by_day", "teams"} <= keys,
        SUMMARY,
        "This is a summary of LiteLLM's spend, which names money more than once. Export the spend log, the daily team "
        "table or the FOCUS export.",
    ),
    (lambda keys: {"bookmarked", "sessionId", "timestamp"} <= keys, USAGE, TRACES),
    (lambda keys: {"observations", "htmlPath", "totalCost"} <= keys, USAGE, TRACES),
    (
        lambda keys: {"countTraces", "totalCost"} <= keys,
        SUMMARY,
        "These are Langfuse's daily totals. Export the observations, or the traces with theirs.",
    ),
    (
        lambda keys: bool({"/daily_costs", "n_context_tokens_total"} & keys),
        SUMMARY,
        "This is an answer of OpenAI's retired billing pages. Ask /v1/organization/costs for the same days.",
    ),
    (
        lambda keys: "/ResultsByTime" in keys,
        SUMMARY,
        EXPLORER,
    ),
    (
        lambda keys: {"usage_start_time", "sku", "cost"} <= {key.lstrip("/") for key in keys},
        SUMMARY,
        GOOGLE,
    ),
    (
        lambda keys: bool({"/manifestVersion", "/reportKeys", "/dataFiles"} & keys),
        NO_BILL,
        "This is the manifest that stands beside an export. Import the files that it lists.",
    ),
    (
        lambda keys: {"body", "extracted"} <= keys,
        USAGE,
        "These are usage blocks of answers. Price them with price_usage.",
    ),
    (lambda keys: {"litellm_provider", "mode"} <= keys, PRICES, PRICE_LIST),
    (lambda keys: {"api_pattern", "models"} <= keys, PRICES, PRICE_LIST),
    (lambda keys: "matchPattern" in keys, PRICES, PRICE_LIST),
    (lambda keys: {"windows", "points"} <= keys, NO_BILL, "These are labels of a time series, not a bill."),
    (lambda keys: bool({"/schemas", "/$defs", "/$schema", "/SchemaId", "/datasets"} & keys), NO_BILL, DESCRIPTION),
)
