"""A closed month refuses what would change it, and takes two people to open again."""

from datetime import UTC, date, datetime

import pytest

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, Refused, WrongState
from projects.people.roles import Role
from projects.sources.models import ClosedPeriod
from projects.sources.services import ask_reopening, close_period, confirm_reopening
from tests.factories.people import person
from tests.projects.spend.samples import run, take_in, write_focus

pytestmark = pytest.mark.django_db
MAY = date(2026, 5, 1)


def test_two_people_of_finance_open_a_closed_month(client, fiona, felix, tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "10"}), "cloud")
    newer = write_focus(tmp_path / "b.csv", {"EffectiveCost": "12"})
    client.force_login(fiona)
    client.post("/spend/periods/2026-05/close/")
    assert run("import_costs", newer, "--source", "cloud")[1]["error"]["code"] == "period_closed"

    client.post("/spend/periods/2026-05/ask/", {"reason": "The provider sent a wrong bill."})
    alone = client.post("/spend/periods/2026-05/confirm/")
    assert alone.status_code == 422
    assert "a second person of finance confirms it" in alone.content.decode()
    assert run("import_costs", newer, "--source", "cloud")[0] == 2
    client.force_login(felix)
    assert "The provider sent a wrong bill." in client.get("/spend/periods/").content.decode()
    client.post("/spend/periods/2026-05/confirm/")

    take_in(newer, "cloud")
    closed = ClosedPeriod.objects.get()
    assert (closed.reopened_by, closed.reopen_confirmed_by) == (fiona, felix)
    verbs = AuditEvent.objects.filter(verb__startswith="period.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["period.closed", "period.reopening_asked", "period.reopened"]
    assert "Opened again" in client.get("/spend/periods/").content.decode()


def test_acts_out_of_order_are_refused_and_leave_nothing(fiona, felix, carol, now):
    with pytest.raises(WrongState, match="is not closed"):
        ask_reopening(month=MAY, reason="Why", by=fiona, at=now)
    close_period(month=MAY, by=fiona, at=now)
    with pytest.raises(WrongState, match="closed already"):
        close_period(month=MAY, by=felix, at=now)
    with pytest.raises(WrongState, match="Nobody has asked"):
        confirm_reopening(month=MAY, by=felix, at=now)
    with pytest.raises(Refused, match="Say why"):
        ask_reopening(month=MAY, reason="  ", by=fiona, at=now)
    with pytest.raises(NotPermitted):
        ask_reopening(month=MAY, reason="Why", by=carol, at=now)
    ask_reopening(month=MAY, reason="Why", by=fiona, at=now)
    with pytest.raises(WrongState, match="asked already"):
        ask_reopening(month=MAY, reason="Again", by=felix, at=now)
    with pytest.raises(Refused, match="a second person"):
        confirm_reopening(month=MAY, by=fiona, at=now)
    with pytest.raises(NotPermitted):
        confirm_reopening(month=MAY, by=carol, at=now)

    closed = ClosedPeriod.objects.get()
    assert (closed.reason, closed.reopened_at) == ("Why", None)


def test_a_month_is_closed_once_it_is_over_and_not_before(client, fiona, tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {}), "cloud")
    client.force_login(fiona)
    before, after = datetime(2026, 5, 31, 23, 59, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)

    with pytest.raises(WrongState, match="May 2026 is not over"):
        close_period(month=MAY, by=fiona, at=before)

    assert ClosedPeriod.objects.count() == 0
    assert "Close May 2026" in client.get("/spend/periods/").content.decode()
    assert close_period(month=MAY, by=fiona, at=after).month == MAY


def test_a_running_month_offers_no_close(client, fiona, settings, tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {}), "cloud")
    client.force_login(fiona)
    settings.TOLLGATE_NOW = "2026-05-20T09:00:00Z"

    page = client.get("/spend/periods/").content.decode()

    assert "the month is not over" in page
    assert "Close May 2026" not in page
    assert client.post("/spend/periods/2026-05/close/").status_code == 409


def test_who_reads_spend_sees_months_and_only_finance_acts(client, carol, max_the_stranger, fiona, now):
    close_period(month=MAY, by=fiona, at=now)
    assert client.get("/spend/periods/").url.startswith("/account/login/")
    client.force_login(max_the_stranger)
    assert client.get("/spend/periods/").status_code == 404
    client.force_login(carol)
    page = client.get("/spend/periods/").content.decode()
    assert "May 2026" in page
    assert "Ask to open" not in page
    assert client.post("/spend/periods/2026-05/ask/", {"reason": "Why"}).status_code == 403
    client.force_login(person("frank", Role.FINANCE))
    assert client.post("/spend/periods/2026-05/ask/", {"reason": ""}).status_code == 422
    assert client.post("/spend/periods/2026-15/ask/", {"reason": "Why"}).status_code == 404
    assert client.post("/spend/periods/2026-05/burn/").status_code == 404
    assert client.post("/spend/periods/2026-04/confirm/").status_code == 409
