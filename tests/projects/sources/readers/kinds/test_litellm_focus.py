import json
from decimal import Decimal
from pathlib import Path

from projects.sources.readers.kinds import litellm_focus
from projects.sources.readers.plans import Header
from projects.sources.readers.reading import recognise
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


def test_a_further_column_does_not_make_the_gateway_s_export_a_bill(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("\n".join(line + ",x" for line in FILE.read_text().splitlines()[:3]) + "\n")

    assert recognise(path).kind == "litellm_focus"


def test_the_same_columns_without_the_gateway_s_tags_are_a_bill(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(FILE.read_text().replace("custom_llm_provider", "provider").replace("api_key_alias", "key"))

    recognised = recognise(path)
    assert (recognised.kind, recognised.role) == ("focus", "fact")
