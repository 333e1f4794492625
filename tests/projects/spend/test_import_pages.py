"""Upload, look, confirm: nothing is written before the yes, and nobody sees another person's file."""

import gzip
import json
import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from projects.jobs.models import Job
from projects.sources.models import Delivery, Source
from projects.sources.services import close_period
from projects.spend.closed import PeriodClosed
from projects.spend.models import SpendFact
from tests.projects.spend.samples import FOCUS, take_in, totals, write_focus
from tests.projects.spend.uploads import perform, send

pytestmark = pytest.mark.django_db
REAL = FOCUS / "focus_1_0_anonymised_real.csv"


def test_the_preview_shows_kind_rows_and_totals_and_writes_nothing(as_fiona):
    answer = as_fiona.get(send(as_fiona, REAL).url)

    page = answer.content.decode()
    assert answer.status_code == 200
    for words in (
        "FOCUS",
        "18.74189573593",
        "15.12548009483",
        "744",
        "1 Sep 2024",
        "It replaces nothing",
        "cloud is new",
    ):
        assert words in page, words
    assert (Source.objects.count(), Delivery.objects.count(), SpendFact.objects.count()) == (0, 0, 0)


def test_the_preview_says_which_columns_are_read_as_what_and_which_are_kept(as_fiona, tmp_path):
    path = tmp_path / "seats.csv"
    path.write_text("day,who pays,seats,total,money,colour\n2026-05-03,CC-1,Seats,10.50,USD,red\n")
    columns = {"date": "day", "account": "who pays", "service": "seats", "amount": "total", "currency": "money"}
    mapping = json.dumps({"kind": "minimal", "columns": columns})

    page = as_fiona.get(send(as_fiona, path, mapping=mapping).url).content.decode()

    for ours, theirs in (("Billing account id", "who pays"), ("Charge category", "always Usage")):
        assert f'<dt>{ours}</dt><dd class="wrap-any">{theirs}</dd>' in page
    assert '<dt>Kept as they stand</dt><dd class="wrap-any">colour</dd>' in page


def test_confirming_queues_a_job_whose_result_is_the_delivery(as_fiona):
    held = send(as_fiona, REAL).url

    answer = as_fiona.post(f"{held}confirm/", {"role": "fact"})

    job = Job.objects.get()
    assert answer.url == reverse("projects:job", args=[job.pk])
    result, heard = perform(job)
    assert result["location"] == reverse("projects:delivery", args=["DL-0001"])
    assert heard.seen[-1] == REAL.stat().st_size
    page = as_fiona.get(result["location"]).content.decode()
    for words in ("DL-0001", "18.74189573593", "15.12548009483", "744", "differ in 458 rows"):
        assert words in page, words


def test_a_job_that_runs_twice_finds_its_own_delivery(as_fiona):
    as_fiona.post(f"{send(as_fiona, REAL).url}confirm/", {"role": "fact"})
    first, _ = perform(Job.objects.get())

    second, _ = perform(Job.objects.get())

    assert (first["unchanged"], second["unchanged"]) == (False, True)
    assert first["delivery"] == second["delivery"]


def test_the_role_that_finance_chose_is_the_sources(as_fiona):
    as_fiona.post(f"{send(as_fiona, REAL, 'gateway').url}confirm/", {"role": "detail"})

    perform(Job.objects.get())

    assert Source.objects.get().role == "detail"
    assert totals()[1] == {}


def test_the_preview_names_what_would_be_replaced_and_what_stands_already(as_fiona, tmp_path):
    first = write_focus(tmp_path / "a.csv", {"EffectiveCost": "10"})
    take_in(first, "cloud")

    newer = as_fiona.get(send(as_fiona, write_focus(tmp_path / "b.csv", {"EffectiveCost": "12"})).url).content.decode()
    same = as_fiona.get(send(as_fiona, first).url).content.decode()

    assert "DL-0001</a>, 1 row, 10.00 USD<" in newer
    told = re.findall(r'<dt>([^<]+)</dt><dd class="nw">([^<]+)</dd>', newer)
    assert told == [("Effective cost before", "10.00 USD"), ("Then", "12.00 USD"), ("Difference", "+$2.00")]
    assert "is closed" not in newer
    assert "Nothing: these rows stand already" in same


def test_the_preview_names_closed_months_and_a_refusal_tells_what_would_change(as_fiona, fiona, now, tmp_path):
    take_in(write_focus(tmp_path / "a.csv", *({"EffectiveCost": str(cost)} for cost in (10, 1))), "cloud")
    close_period(month=date(2026, 5, 1), by=fiona, at=now)
    newer = [{"EffectiveCost": "12", "ResourceId": f"arn:{number}"} for number in range(4)]

    held = send(as_fiona, write_focus(tmp_path / "b.csv", *newer)).url
    page = as_fiona.get(held).content.decode()
    as_fiona.post(f"{held}confirm/", {})

    assert "<h3>May 2026 is closed.</h3>" in page
    assert "Closed by Fiona" in page
    assert "The import is refused if it changes anything there" in page
    with pytest.raises(PeriodClosed) as refused:
        perform(Job.objects.get())
    words = str(refused.value)
    assert "May 2026 is closed, by Fiona" in words
    assert "This delivery would change it in 5 places, whose effective cost goes from 11.00 to 48.00 USD" in words
    assert words.count("Bedrock on 3 May 2026 from ") == 3
    assert "from 0.00 to 12.00 USD" in words
    assert "; and 2 more. Have the month opened again first" in words


def test_the_same_content_of_another_source_asks_for_a_second_yes(as_fiona, tmp_path):
    path = write_focus(tmp_path / "a.csv", {})
    take_in(path, "first")

    held = send(as_fiona, path, "second").url

    assert "The same content came from first as DL-0001" in as_fiona.get(held).content.decode()
    as_fiona.post(f"{held}confirm/", {"role": "fact"})
    with pytest.raises(Exception, match="counts the money twice"):
        perform(Job.objects.get())
    as_fiona.post(f"{held}confirm/", {"role": "fact", "same_content": "on"})
    assert perform(Job.objects.latest("id"))[0]["delivery"] == "DL-0002"


def test_the_same_rows_packed_again_ask_for_a_second_yes_too(as_fiona, tmp_path):
    path = write_focus(tmp_path / "a.csv", {}, {"EffectiveCost": "2.50"})
    take_in(path, "first")
    packed = tmp_path / "b.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes().replace(b"2.50", b"2.5")))

    page = as_fiona.get(send(as_fiona, packed, "second").url).content.decode()
    known = as_fiona.get(send(as_fiona, packed, "first").url).content.decode()

    assert "The same content came from first as DL-0001" in page
    assert "the choice is recorded" in page
    assert "Nothing: these rows stand already" in known
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "This is a picture (PNG)"),
        (b"BilledCost,BillingCurrency,ServiceName,ChargeCategory\n1,USD,x,Usage\n", "ChargePeriodStart"),
    ],
)
def test_what_is_no_cost_file_is_said_clearly(as_fiona, content, words):
    answer = as_fiona.post(
        reverse("projects:import-costs"), {"source": "cloud", "file": SimpleUploadedFile("x", content)}, follow=True
    )

    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_an_empty_file_is_refused_in_the_form(as_fiona):
    answer = as_fiona.post(
        reverse("projects:import-costs"), {"source": "cloud", "file": SimpleUploadedFile("empty.csv", b"")}
    )

    assert answer.status_code == 422
    assert "empty" in answer.content.decode()


def test_bad_rows_stand_with_line_column_value_and_reason(as_fiona, tmp_path):
    path = write_focus(tmp_path / "bad.csv", {}, {"EffectiveCost": "<b>12</b>"}, {})

    answer = as_fiona.get(send(as_fiona, path).url)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "&lt;b&gt;12&lt;/b&gt;" in page
    assert "EffectiveCost" in page
    assert "1 of 3 rows refused" in page


@pytest.mark.parametrize("mapping", ["not json", "[]", '{"colour": "red"}', '{"date_order": "ymd"}'])
def test_a_mapping_that_cannot_be_followed_is_said_at_its_field(as_fiona, mapping, tmp_path):
    answer = send(as_fiona, write_focus(tmp_path / "a.csv", {}), mapping=mapping)

    assert answer.status_code == 422
    assert 'id="id_mapping-error"' in answer.content.decode()


def test_a_mapping_is_kept_for_the_import(as_fiona, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(write_focus(tmp_path / "a.csv", {}).read_text().replace("BillingCurrency", "Money"))

    held = send(as_fiona, path, mapping=json.dumps({"values": {"currency": "EUR"}})).url
    as_fiona.post(f"{held}confirm/", {"role": "fact"})
    perform(Job.objects.get())

    assert set(totals()[1]) == {"EUR"}


def test_a_held_file_is_its_owners_alone(as_fiona, felix, client):
    held = send(as_fiona, REAL).url

    client.force_login(felix)

    assert client.get(held).status_code == 404
    assert client.post(f"{held}confirm/", {"role": "fact"}).status_code == 404
    assert client.post(f"{held}discard/").status_code == 404


def test_a_discarded_file_is_gone(as_fiona):
    held = send(as_fiona, REAL).url

    as_fiona.post(f"{held}discard/")

    assert as_fiona.get(held).status_code == 404


@pytest.mark.parametrize("token", ["0" * 32, "..", "x" * 32])
def test_a_token_that_was_never_given_out_is_not_found(as_fiona, token):
    assert as_fiona.get(f"/spend/import/{token}/").status_code == 404


PAGES = ["/spend/", "/spend/unclaimed/", "/spend/import/", "/spend/deliveries/", "/spend/deliveries/DL-0001/"]


@pytest.mark.parametrize("page", PAGES)
def test_strangers_find_nothing_and_the_anonymous_sign_in(page, client, max_the_stranger, tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {}), "cloud")

    assert client.get(page).status_code == 302
    client.force_login(max_the_stranger)
    assert client.get(page).status_code == 404


@pytest.mark.parametrize(("page", "status"), list(zip(PAGES, [200, 200, 403, 200, 200], strict=True)))
def test_readers_read_and_do_not_import(page, status, client, carol, tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {}), "cloud")
    client.force_login(carol)

    assert client.get(page).status_code == status


def test_a_large_file_is_not_said_to_have_only_the_rows_that_were_read(as_fiona, monkeypatch):
    monkeypatch.setattr("projects.spend.preview.READ_WHOLE_BYTES", 1)

    page = as_fiona.get(send(as_fiona, REAL).url).content.decode()

    assert "Import the whole file" in page
    assert "Rows read so far" in page
    assert "As far as it was read, it replaces nothing." in page


def test_what_is_wrong_with_a_mapping_is_shown_open(as_fiona):
    page = send(as_fiona, REAL, mapping="not json").content.decode()

    assert "The mapping is not JSON." in page
    assert '<details class="mt3" open>' in page


def test_deliveries_stand_newest_first_with_the_rows_that_count(as_fiona, tmp_path):
    for number, source in enumerate(("c", "a", "b", "d"), start=1):
        take_in(write_focus(tmp_path / f"{source}.csv", {"EffectiveCost": str(number)}), source)
    bad = write_focus(tmp_path / "bad.csv", {"EffectiveCost": "9"}, {"EffectiveCost": "twelve"})
    take_in(bad, "e", "--good-rows")

    page = as_fiona.get("/spend/deliveries/").content.decode()

    assert re.findall(r">(DL-\d+)</a>", page) == ["DL-0005", "DL-0004", "DL-0003", "DL-0002", "DL-0001"]
    assert '>1<br><span class="xs mute">of 2</span>' in page


def test_who_may_not_import_is_offered_no_import(client, fiona, audrey):
    for reader, offered in ((fiona, True), (audrey, False)):
        client.force_login(reader)
        assert ("/spend/import/" in client.get("/spend/deliveries/").content.decode()) is offered


def test_a_replaced_delivery_can_be_opened_and_the_difference_has_its_sign(as_fiona, tmp_path):
    take_in(write_focus(tmp_path / "one.csv", {"EffectiveCost": "10"}), "cloud")
    take_in(write_focus(tmp_path / "two.csv", {"EffectiveCost": "12.50000000"}), "cloud")

    page = as_fiona.get("/spend/deliveries/DL-0002/").content.decode()

    assert 'replaced <a class="nw" href="/spend/deliveries/DL-0001/">DL-0001</a>' in page
    assert "+$2.50<" in page
