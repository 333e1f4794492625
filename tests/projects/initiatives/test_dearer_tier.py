import pytest

from projects.gates.forms import EstimateForm
from projects.initiatives.models import Initiative
from projects.initiatives.services import TierUnexplained, edit_initiative
from tests.factories.gates import AT, ON, cast, concept, sendable

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def drafting(people):
    initiative = concept(people)
    Initiative.objects.filter(pk=initiative.pk).update(workload_class="drafting")
    return Initiative.objects.get(pk=initiative.pk)


def edit(initiative, people, **changes):
    return edit_initiative(
        initiative_id=initiative.pk, changes=changes, revision=initiative.revision, by=people.olga, at=AT
    )


@pytest.mark.parametrize("tier", ["small", "mid"])
def test_the_proposed_tier_and_a_cheaper_one_need_no_reason(people, drafting, tier):
    assert edit(drafting, people, model_tier=tier).model_tier == tier


def test_a_dearer_tier_is_refused_until_a_reason_is_given(people, drafting):
    with pytest.raises(TierUnexplained, match="A mid model is enough"):
        edit(drafting, people, model_tier="frontier")

    assert Initiative.objects.get(pk=drafting.pk).model_tier == ""
    assert edit(drafting, people, model_tier="frontier", model_tier_reason="Clauses nest.").model_tier == "frontier"


def test_other_fields_of_an_initiative_with_an_old_dearer_tier_can_be_edited(people, drafting):
    Initiative.objects.filter(pk=drafting.pk).update(model_tier="frontier")

    assert edit(drafting, people, use_case="Letters").use_case == "Letters"


@pytest.mark.parametrize(("tier", "refused"), [("mid", False), ("frontier", True)])
def test_the_estimate_of_a_request_asks_for_the_reason_too(people, drafting, tier, refused):
    gate = sendable(people, drafting)

    form = EstimateForm({"model_tier": tier, "shortlist": "openai:gpt-4.1-mini"}, gate=gate, on=ON)

    assert ("model_tier" in form.errors) is refused
