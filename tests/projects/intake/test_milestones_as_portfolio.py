import pytest

from projects.intake.import_headers import tells_milestones
from projects.intake.import_mapping import PortfolioMap
from projects.intake.import_records import read_portfolio
from projects.intake.spreadsheets.refusals import FileRefused


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("activity_id,project_id,name,planned_start,planned_duration_days", True),
        ("project,milestone,due", True),
        ("project_id,name,planned_cost,planned_duration_days", False),
        ("id,name,stage,budget", False),
        ("Use_Case_ID,Title,Office,Summary,Development_Stage", False),
    ],
)
def test_milestones_are_known_by_their_header(header, told):
    assert tells_milestones(header.split(",")) is told


def test_milestones_given_as_the_portfolio_are_refused_and_told_where_they_belong():
    with pytest.raises(FileRefused, match="This is a file of milestones") as refused:
        read_portfolio(b"project,milestone,due\nAtlas,Go live,2026-12-04\n", PortfolioMap())

    assert refused.value.code == "milestones_given"
