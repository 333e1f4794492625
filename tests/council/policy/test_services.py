"""A draft becomes law by a second person and from a later day."""

from datetime import timedelta

import pytest

from council.policy import services
from projects.common.outcomes import Conflicted, NotPermitted
from projects.limits.models import PolicyVersion
from projects.limits.selectors import policy_on
from projects.people.roles import Role
from tests.factories.council import AT
from tests.factories.people import person

pytestmark = pytest.mark.django_db
TOMORROW = AT.date() + timedelta(days=1)


@pytest.fixture
def ada(db):
    return person("ada", Role.ADMINISTRATOR)


@pytest.fixture
def bruno(db):
    return person("bruno", Role.ADMINISTRATOR)


def drafted(by, percent="10", reason="Earlier warning."):
    draft = services.draft_policy(by=by, at=AT)
    return services.edit_draft(
        version_id=draft.pk, changes={"over_budget_percent": percent}, reason=reason, revision=1, by=by, at=AT
    )


def proposed(by):
    return services.propose_policy(version_id=drafted(by).pk, by=by, at=AT)


def approve(draft, by, effective_on=TOMORROW):
    return services.approve_policy(version_id=draft.pk, effective_on=effective_on, by=by, at=AT)


def test_approved_draft_binds_from_its_day_and_not_before(ada, bruno):
    draft = approve(proposed(ada), bruno)

    assert policy_on(AT.date()).number != draft.number
    assert policy_on(TOMORROW).number == draft.number
    assert policy_on(TOMORROW).decimal("over_budget_percent") == 10


def test_nobody_approves_their_own_draft(ada):
    with pytest.raises(NotPermitted, match="You drafted"):
        approve(proposed(ada), ada)


def test_policy_never_binds_on_the_day_of_its_approval(ada, bruno):
    with pytest.raises(services.PolicyRefused, match="day after"):
        approve(proposed(ada), bruno, AT.date())


def test_draft_that_was_not_proposed_is_not_approved(ada, bruno):
    with pytest.raises(services.PolicyStands):
        approve(drafted(ada), bruno)


def test_one_draft_at_a_time(ada, bruno):
    drafted(ada)

    with pytest.raises(services.PolicyStands):
        services.draft_policy(by=bruno, at=AT)


def test_edit_over_somebody_elses_edit_is_refused(ada, bruno):
    draft = drafted(ada)

    with pytest.raises(Conflicted):
        services.edit_draft(version_id=draft.pk, changes={}, reason="", revision=1, by=bruno, at=AT)


def test_value_out_of_range_leaves_the_draft_alone(ada):
    with pytest.raises(services.PolicyRefused):
        drafted(ada, "-1")

    assert PolicyVersion.objects.get().values["over_budget_percent"] != "-1"


def test_proposal_needs_a_reason(ada):
    draft = drafted(ada, reason=" ")

    with pytest.raises(services.PolicyRefused, match="Say why"):
        services.propose_policy(version_id=draft.pk, by=ada, at=AT)


def test_approved_version_is_not_withdrawn(ada, bruno):
    draft = approve(proposed(ada), bruno)

    with pytest.raises(services.PolicyStands):
        services.withdraw_policy(version_id=draft.pk, by=ada, at=AT)


def test_only_an_administrator_drafts(ada):
    with pytest.raises(NotPermitted):
        services.draft_policy(by=person("fay", Role.FINANCE), at=AT)
