import pytest

from projects.gates.template_rules import Wording
from projects.gates.template_services import draft_template, save_criterion
from projects.people.roles import Role
from tests.browser.looking import look_at
from tests.factories.gates import AT, cast, ready
from tests.factories.people import person


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_template_pages_read_well(open_browser, transactional_db, settings, width, dark):
    settings.TOLLGATE_NOW = "2026-11-16T09:00:00Z"
    ready(cast())
    ada, abe = person("ada", Role.ADMINISTRATOR), person("abe", Role.ADMINISTRATOR)
    draft = draft_template(reason="Pilots stopped too late.", by=ada, at=AT)
    condition = {"autonomy": ["supervised", "autonomous"]}
    for number, wording in enumerate(
        (
            Wording("concept", "exit_test", "Say when you would stop", True, "e"),
            Wording("mvp", "agent_owner", "An owner for each agent", True, "j", topic="security", condition=condition),
        )
    ):
        save_criterion(template_id=draft.pk, criterion_id=None, wording=wording, revision=number, by=ada, at=AT)
    page = open_browser(ada, width=width, dark=dark)

    for name, path in (("templates", ""), ("template-draft", "2/"), ("template-criterion", "2/criteria/new/")):
        page.goto(f"/setup/templates/{path}")
        look_at(page, name)
    page.get_by_role("button", name="Save criterion").click()
    page.wait_for_selector(".errsum")
    look_at(page, "template-criterion-wrong")
    page = open_browser(abe, width=width, dark=dark)
    page.goto("/setup/templates/2/")
    look_at(page, "template-approve")
