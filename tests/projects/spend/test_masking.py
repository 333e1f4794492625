"""People in tags, aliases and names of resources: whole for who needs to see them, masked on every page, CSV and PDF else."""

import json
from dataclasses import replace
from datetime import date

import pytest

from projects.attribution.aliases import add_alias
from projects.attribution.drafts import RuleDraft
from projects.attribution.models import AttributionRule
from projects.attribution.services import make_rule
from projects.jobs.models import Job
from projects.people.models import Team
from projects.people.permissions import Permission
from projects.people.roles import ROLES, Role
from projects.rulebook.models import Act, RuleChange
from projects.rulebook.services import Asked, ask_change, propose_change
from projects.showback import papers
from projects.sources.models import CostGroup, Source
from projects.spend.switching_off import ToSwitchOff, mark_for_switch_off
from tests.projects.spend.samples import DEFAULTS, take_in, write_focus
from tests.projects.spend.test_import_pages import perform, send
from tests.projects.trail.conftest import row

pytestmark = pytest.mark.django_db
ANN = "ann.lee@example.com"
HIDDEN = ("ann.lee", "Anns key", "user = annie", "user annie")


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def claims(fraud, fiona, carol, now, tmp_path):
    """Charges whose service, environment, account and resource name a person; rules and names that do, too."""
    fraud.team = Team.objects.create(name="Claims")
    fraud.save()
    tags = {"initiative": fraud.key, "env": f"sandbox-{ANN}", "user": "annie"}
    named = {"ServiceName": f"Model of {ANN}", "SubAccountId": ANN, "ResourceId": f"/users/{ANN}/key"}
    cells = [
        row(date(2026, 5, 3), 10, Tags=json.dumps(tags), **named),
        row(date(2026, 5, 3), 7, **named),
        row(date(2026, 5, 4), 5, SubAccountId="", ServiceName="Keys"),
    ]
    take_in(write_focus(tmp_path / f"export of {ANN}.csv", *cells), "cloud")
    keyed = CostGroup.objects.filter(service_name="Keys")
    keyed.update(billing_account_name="Anns key")
    keyed.get().keys.update(api_key_id="111")
    make_rule(draft=RuleDraft("tag", "annie", fraud, tag_key="user", note=f"Asked by {ANN}"), by=fiona, at=now)
    make_rule(draft=RuleDraft("resource", f"/users/{ANN}/other", fraud), by=fiona, at=now)
    add_alias(alias=ANN, value=fraud.key, tag_key="owner", by=fiona, at=now)
    place = {"sub_account": ANN, "service": "Keys", "reason": f"Asked by {ANN}", "due_on": date(2027, 1, 1)}
    off = ToSwitchOff(source=Source.objects.get(), owner=carol, **place)
    mark_for_switch_off(asked=off, by=fiona, at=now)
    propose_change(asked=Asked(Act.MAKE, draft=RuleDraft("tag", "annie", fraud, tag_key="user")), by=fiona, at=now)
    return fraud


def pages(claims):
    """Return every address that shows what cost rows say."""
    change = RuleChange.objects.get().pk
    numbers = AttributionRule.objects.exclude(initiative=None).values_list("number", flat=True)
    return [
        "/spend/?by=service",
        "/spend/?by=model",
        "/spend/?by=environment",
        "/spend/?by=environment&as=csv",
        "/spend/?by=model&as=csv",
        "/spend/?period=2026-05&by=service&currency=all",
        "/spend/unclaimed/",
        "/spend/rules/",
        *(f"/spend/rules/{number}/" for number in numbers),
        f"/spend/rules/changes/{change}/",
        "/spend/rules/tags/",
        "/spend/rows/",
        "/spend/rows.csv",
        "/spend/rows/DL-0001/2/",
        "/spend/rows/DL-0001/3/",
        "/spend/deliveries/",
        "/spend/deliveries/DL-0001/",
        f"/initiatives/{claims.key}/spend/",
        "/spend/estimates/",
        "/spend/prices/in-use/",
        "/home/",
    ]


def pages_elsewhere(claims):
    """Return addresses of other pages on which what cost rows say might be told."""
    tabs = ("", "spend/", "guardrails/", "gates/", "funding/", "history/")
    return [
        *(f"/initiatives/{claims.key}/{tab}" for tab in tabs),
        "/portfolio/",
        "/portfolio/export.csv",
        "/requests/",
        "/escalations/",
        "/decisions/",
        "/spend/wallets/",
        "/spend/periods/",
    ]


def text_of(answer):
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


def test_who_need_not_see_people_sees_none_on_any_page(client, carol, claims):
    client.force_login(carol)

    for address in [*pages(claims), *pages_elsewhere(claims)]:
        answer = client.get(address)
        assert answer.status_code == 200, address
        page = text_of(answer).replace("%40", "@")
        assert not [word for word in HIDDEN if word in page], address


def test_who_needs_to_see_people_sees_them(client, fiona, claims):
    client.force_login(fiona)

    seen = [address for address in pages(claims) if any(word in text_of(client.get(address)) for word in HIDDEN)]

    silent = {"/spend/estimates/", "/spend/prices/in-use/", "/home/"}
    assert [address for address in pages(claims) if address not in seen] == [a for a in pages(claims) if a in silent]


def test_what_waits_for_a_person_names_nobody_whom_they_need_not_know(client, carol, claims):
    client.force_login(carol)

    page = client.get("/home/").content.decode()

    assert "Switch off Keys in masked@example.com" in page
    assert "Asked by masked@example.com" in page


def test_the_preview_of_a_file_is_masked_in_rows_in_bad_values_and_in_its_name(client, fiona, tmp_path, monkeypatch):
    named = row(date(2026, 5, 3), 1, ServiceName=f"Model of {ANN}", SubAccountId=ANN)
    bad = write_focus(tmp_path / f"{ANN}.csv", named, row(date(2026, 5, 4), 5, BillingCurrency=f"USD {ANN}"))
    good = write_focus(tmp_path / "good.csv", named)
    client.force_login(fiona)
    addresses = [send(client, file).url for file in (bad, good)]

    whole = [client.get(address).content.decode() for address in addresses]
    finance = ROLES[Role.FINANCE]
    monkeypatch.setitem(ROLES, Role.FINANCE, replace(finance, may=finance.may - {Permission.SEE_PEOPLE}))
    seen = [client.get(address).content.decode() for address in addresses]

    assert [page.count("ann.lee") for page in whole] == [page.count("masked@example.com") for page in seen]
    assert min(page.count("ann.lee") for page in whole) > 1
    assert ["ann.lee" in page for page in seen] == [False, False]


def test_the_name_of_a_job_names_nobody_because_it_is_kept(client, fiona, fraud, tmp_path, now):
    client.force_login(fiona)
    held = send(client, write_focus(tmp_path / f"{ANN}.csv", {})).url
    client.post(f"{held}confirm/", {"role": "fact"})
    client.post("/spend/rules/tags/names/", {"tag_key": "user", "alias": "annie", "value": "ann"})
    client.post("/spend/rules/tags/names/", {"tag_key": "team", "alias": ANN, "value": "claims"})
    change, _ = ask_change(
        asked=Asked(Act.MAKE, draft=RuleDraft("tag", "annie", fraud, tag_key="user")), by=fiona, at=now
    )

    labels = list(Job.objects.order_by("pk").values_list("label", flat=True))

    assert labels == [
        "Import masked@example.com.csv from cloud",
        "Give out charges: masked means masked",
        "Give out charges: masked@example.com means claims",
        f"Try out: {change.words.replace('annie', 'masked')}",
    ]
    assert "annie" in change.words


def test_an_alias_of_a_key_is_masked_in_the_inbox(client, carol, fiona, claims):
    pages = {}
    for reader in (carol, fiona):
        client.force_login(reader)
        pages[reader] = client.get("/spend/unclaimed/").content.decode()

    assert "Anns key" in pages[fiona]
    assert "Anns key" not in pages[carol]
    assert "masked" in pages[carol]


def test_an_unused_commitment_names_nobody(client, carol, fiona, tmp_path):
    cells = {**DEFAULTS, "ServiceName": f"Model of {ANN}", "CommitmentDiscountStatus": "Unused"}
    (tmp_path / "a.csv").write_text(",".join(cells) + "\n" + ",".join(cells.values()) + "\n")
    take_in(tmp_path / "a.csv", "cloud")

    said = []
    for reader in (carol, fiona):
        client.force_login(reader)
        said.append(client.get("/spend/wallets/").content.decode())

    assert [ANN in page for page in said] == [False, True]
    assert "Model of masked@example.com" in said[0]


def test_a_statement_is_masked_on_the_page_in_the_csv_and_in_the_pdf(client, olga, fiona, claims, monkeypatch):
    rendered = []
    monkeypatch.setattr(papers, "render_apart", lambda html, **limits: rendered.append(html) or b"%PDF-")
    seen = {}
    for reader in (olga, fiona):
        client.force_login(reader)
        address = f"/spend/showback/{claims.team_id}/2026-05/"
        client.post(f"{address}pdf/")
        perform(Job.objects.order_by("pk").last())
        seen[reader] = [text_of(client.get(address)), text_of(client.get(f"{address}?as=csv")), rendered[-1]]

    assert [any(word in text.replace("%40", "@") for word in HIDDEN) for text in seen[olga]] == [False] * 3
    assert [ANN in text for text in seen[fiona]] == [True] * 3
