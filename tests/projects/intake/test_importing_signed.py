"""What a first and a second signature let an import do, and whose they may be."""

import pytest

from projects.common.outcomes import NotPermitted
from projects.initiatives.models import Initiative, OpeningDecision, StageMove
from projects.intake.models import ImportedRow
from projects.intake.services import (
    SecondSignatureRefused,
    import_portfolio,
)
from tests.projects.intake.orders import ROWS, everything, imported, order

pytestmark = pytest.mark.django_db


def test_stages_beyond_concept_are_opened_by_two_signatures(fiona, frank, olga, organisation, at):
    report = imported(order(owner=olga), at, by=fiona, second=frank)

    opening = OpeningDecision.objects.get()
    grid, chat = Initiative.objects.order_by("key")
    assert (opening.first_signed_by, opening.second_signed_by, opening.signed_at) == (fiona, frank, at)
    assert (grid.stage, grid.opening, chat.opening) == ("pilot", opening, None)
    assert report["opening"] == {
        "signed": True,
        "initiatives": 1,
        "budgets": {"taken_over": 1, "beside": 0},
        "waiting_in_concept": 0,
        "reference": opening.reference,
        "signed_by": ["Fiona", "Frank"],
    }
    move = StageMove.objects.get()
    assert (move.initiative, move.before, move.after, move.decision_reference) == (
        grid,
        "concept",
        "pilot",
        opening.reference,
    )


def test_without_a_second_signature_everything_begins_in_concept(fiona, olga, organisation, at):
    report = imported(order(owner=olga), at, by=fiona)

    assert set(Initiative.objects.values_list("stage", "opening")) == {("concept", None)}
    assert ImportedRow.objects.get(line=2).stage == "pilot"
    assert report["opening"] == {
        "signed": False,
        "initiatives": 0,
        "budgets": {"taken_over": 0, "beside": 1},
        "waiting_in_concept": 1,
    }
    assert report["by_stage"] == {"Concept": 1, "Pilot": 1}


def test_an_owner_never_signs_the_opening_of_their_own(fiona, frank, organisation, at):
    report = imported(order(ROWS.replace("aims", "owner").replace("To see", "Frank")), at, by=fiona, second=frank)

    assert Initiative.objects.get(name="Grid").stage == "concept"
    assert report["opening"]["waiting_in_concept"] == 1


def test_an_owners_line_manager_never_signs_either(fiona, frank, person, organisation, at):
    owner = person("Otto", line_manager=fiona)

    report = imported(order(owner=owner), at, by=fiona, second=frank)

    assert report["opening"]["waiting_in_concept"] == 1


def test_only_who_may_import_imports(olga, organisation, at):
    before = everything()

    with pytest.raises(NotPermitted):
        import_portfolio(order=order(), by=olga, at=at)

    assert everything() == before


def test_the_second_signature_is_another_persons(fiona, person, organisation, at):
    with pytest.raises(SecondSignatureRefused):
        import_portfolio(order=order(), by=fiona, second=fiona, at=at)
    with pytest.raises(SecondSignatureRefused):
        import_portfolio(order=order(), by=None, second=fiona, at=at)


@pytest.mark.parametrize("role", ["administrator", "auditor", "registrant", "secretary"])
def test_the_second_signature_needs_a_right(fiona, person, organisation, at, role):
    with pytest.raises(NotPermitted, match="may not sign an opening decision"):
        import_portfolio(order=order(), by=fiona, second=person("Vera", role), at=at)
