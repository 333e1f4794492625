"""What a newer delivery replaces: the same source, account and period, and nothing beside them."""

import json
import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from projects.common.clock import now
from projects.people.services import import_service
from projects.sources.models import ClosedPeriod, Delivery, DeliveryPart, Source, SourceScope
from tests.projects.spend.samples import run, take_in, totals

pytestmark = pytest.mark.django_db

COPILOT = "date,username,product,sku,model,quantity,unit_type,gross_amount,discount_amount,net_amount,organization\n"
MINIMAL = "date,provider,service,amount,currency,account\n"


def copilot(path, **days):
    rows = [
        f"2026-05-{day[1:]},ada,copilot,copilot_premium_request,GPT-5,1,requests,{net},0,{net},acme\n"
        for day, net in days.items()
    ]
    path.write_text(COPILOT + "".join(rows))
    return path


def minimal(path, *rows):
    path.write_text(
        MINIMAL + "".join(f"2026-05-{day:02},ACME,Search,{amount},USD,{account}\n" for day, amount, account in rows)
    )
    return path


def by_day(source):
    return {key: row[2] for key, row in totals("--source", source, "--by", "billing_period")[0].items()}


def test_a_copilot_report_of_some_days_replaces_these_days_alone(tmp_path):
    take_in(copilot(tmp_path / "a.csv", d01=1, d02=2, d03=3), "copilot")

    take_in(copilot(tmp_path / "b.csv", d03=30, d04=40), "copilot")

    assert by_day("copilot") == {"2026-05-01": 1, "2026-05-02": 2, "2026-05-03": 30, "2026-05-04": 40}


def test_a_copilot_report_of_a_closed_month_is_refused_and_of_an_open_one_taken(tmp_path):
    take_in(copilot(tmp_path / "a.csv", d01=1), "copilot")
    ClosedPeriod.objects.create(month="2026-05-01", closed_by=import_service(), closed_at=now())
    june = tmp_path / "june.csv"
    june.write_text(copilot(tmp_path / "b.csv", d02=5).read_text().replace("2026-05", "2026-06"))

    status, refused = run("import_costs", tmp_path / "b.csv", "--source", "copilot")

    assert (status, refused["error"]["code"]) == (2, "period_closed")
    assert take_in(june, "copilot")["accepted"] == 1
    assert by_day("copilot") == {"2026-05-01": 1, "2026-06-02": 5}


def test_minimal_rows_replace_an_account_s_days_and_leave_other_accounts_and_days(tmp_path):
    take_in(minimal(tmp_path / "a.csv", (1, 1, "a"), (2, 2, "a"), (2, 20, "b")), "saas")

    take_in(minimal(tmp_path / "b.csv", (2, 3, "a"), (2, 4, "a")), "saas")

    assert by_day("saas") == {"2026-05-01": 1, "2026-05-02": 27}
    assert totals("--source", "saas")[1]["USD"] == (4, Decimal(28), Decimal(28))


def test_a_source_replaced_by_period_knows_no_accounts(tmp_path):
    take_in(minimal(tmp_path / "a.csv", (1, 1, "a")), "log")
    Source.objects.update(scope=SourceScope.PERIOD)
    take_in(minimal(tmp_path / "b.csv", (2, 2, "a"), (2, 20, "b")), "log")

    take_in(minimal(tmp_path / "c.csv", (2, 3, "c")), "log")

    assert by_day("log") == {"2026-05-01": 1, "2026-05-02": 3}


def test_a_mapping_that_names_the_billing_period_replaces_the_month(tmp_path):
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps({"kind": "minimal", "values": {"period": "2026-05"}}))
    take_in(minimal(tmp_path / "a.csv", (1, 1, "a"), (2, 2, "a")), "saas", "--mapping", mapping)

    take_in(minimal(tmp_path / "b.csv", (31, 5, "a")), "saas", "--mapping", mapping)

    assert by_day("saas") == {"2026-05-01": 5}
    assert totals("--source", "saas")[1]["USD"] == (1, Decimal(5), Decimal(5))


def test_minimal_rows_of_a_closed_month_are_refused_with_the_difference(tmp_path):
    take_in(minimal(tmp_path / "a.csv", (1, 1, "a")), "saas")
    ClosedPeriod.objects.create(month="2026-05-01", closed_by=import_service(), closed_at=now())

    status, refused = run("import_costs", minimal(tmp_path / "b.csv", (1, 2, "a")), "--source", "saas")

    assert (status, refused["error"]["code"]) == (2, "period_closed")
    assert "from 1.00 to 2.00 USD" in refused["error"]["message"]
    assert by_day("saas") == {"2026-05-01": 1}


def test_a_day_that_a_newer_report_of_the_stretch_leaves_out_counts_no_more(tmp_path, fiona, client):
    take_in(copilot(tmp_path / "a.csv", d01=1, d02=2, d03=3, d04=4), "copilot")
    newer = copilot(tmp_path / "b.csv", d01=1, d03=6)
    client.force_login(fiona)
    upload = {"source": "copilot", "file": SimpleUploadedFile("b.csv", newer.read_bytes())}
    page = client.get(client.post(reverse("projects:import-costs"), upload).url).content.decode()

    answer = take_in(newer, "copilot")

    assert by_day("copilot") == {"2026-05-01": 1, "2026-05-03": 6, "2026-05-04": 4}
    moved = Delivery.objects.get(key=answer["delivery"]).moved
    assert [(row["before"], row["after"]) for row in moved] == [("6", "7")]
    gone = DeliveryPart.objects.get(billing_period_start="2026-05-02")
    assert (gone.is_current, gone.superseded_by.billing_period_start.day) == (False, 1)
    replaced = re.findall(r"<li[^>]*>(\d+ May 2026)(?: of [^:]+)?: <a [^>]+>DL-0001</a>", page)
    assert replaced == ["1 May 2026", "2 May 2026", "3 May 2026"]


def test_a_stretch_is_one_account_s_alone(tmp_path):
    take_in(minimal(tmp_path / "a.csv", (1, 1, "a"), (2, 2, "b"), (3, 3, "a")), "saas")

    take_in(minimal(tmp_path / "b.csv", (1, 10, "a"), (3, 30, "a")), "saas")

    assert by_day("saas") == {"2026-05-01": 10, "2026-05-02": 2, "2026-05-03": 30}


def test_a_log_of_some_days_leaves_the_days_between_them(tmp_path):
    def log(name, *days):
        lines = [
            json.dumps(
                {"request_id": f"{name}{day}", "api_key": "k", "spend": day, "startTime": f"2026-05-0{day}T10:00:00Z"}
            )
            for day in days
        ]
        (tmp_path / name).write_text("\n".join(lines) + "\n")
        return tmp_path / name

    take_in(log("a", 2), "gateway")

    take_in(log("b", 1, 3), "gateway")

    assert by_day("gateway") == {"2026-05-01": 1, "2026-05-02": 2, "2026-05-03": 3}


def test_a_closed_month_refuses_a_stretch_that_leaves_out_one_of_its_days(tmp_path):
    take_in(minimal(tmp_path / "a.csv", (1, 1, "a"), (2, 2, "a"), (3, 3, "a")), "saas")
    ClosedPeriod.objects.create(month="2026-05-01", closed_by=import_service(), closed_at=now())

    status, refused = run("import_costs", minimal(tmp_path / "b.csv", (1, 1, "a"), (3, 3, "a")), "--source", "saas")

    assert (status, refused["error"]["code"]) == (2, "period_closed")
    assert "on 2 May 2026 from 2.00 to 0.00 USD" in refused["error"]["message"]
    assert by_day("saas") == {"2026-05-01": 1, "2026-05-02": 2, "2026-05-03": 3}
