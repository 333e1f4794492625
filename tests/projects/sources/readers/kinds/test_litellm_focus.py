import json
from decimal import Decimal

from projects.sources.readers.kinds import litellm_focus
from projects.sources.readers.plans import Header
from tests.projects.sources.readers.samples import EXPECTED, FOCUS, money, read

FILE = FOCUS / "litellm_focus_servegen_m_small.csv"
NAME = "focus/samples/litellm_focus_servegen_m_small.csv"


def test_the_export_is_a_detail_of_the_gateway_and_not_a_bill() -> None:
    _, reader = read(FILE)

    assert (reader.recognised.kind, reader.recognised.version) == ("litellm_focus", "1.2")
    assert reader.recognised.role == "detail"


def test_key_model_and_calls_are_read_beside_the_costs() -> None:
    frame, _ = read(FILE)

    assert set(frame["model"]) == {"dashscope/qwen-turbo"}
    assert frame["api_key_id"].to_list() == frame["billing_account_id"].to_list()
    assert frame["calls"].sum() == sum(int(Decimal(quantity)) for quantity in frame["consumed_quantity"])
    assert (frame["billing_period_end"] - frame["billing_period_start"]).dt.total_days().unique().to_list() == [1]


def test_teams_equal_the_expected_totals_by_tag() -> None:
    frame, _ = read(FILE)
    teams = frame["tags"].map_elements(lambda text: json.loads(text)["team_alias"], return_dtype=str)

    for key, figures in EXPECTED[NAME]["by_tag"].items():
        name, _, team = key.partition("=")
        if name == "team_alias":
            part = frame.filter(teams == team)
            assert (part.height, money(part["billed_cost"])) == (figures["rows"], Decimal(figures["billed"]))


def test_focus_with_skus_is_not_taken_for_the_gateway() -> None:
    columns = tuple(FILE.read_text().partition("\n")[0].split(","))

    assert litellm_focus.version(Header(columns)) == "1.2"
    assert litellm_focus.version(Header((*columns[:-1], "SkuId"))) is None
    assert litellm_focus.version(Header(columns[:-1])) is None
