from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from projects.audit.models import AuditEvent
from projects.value.models import KpiCard, KpiReading
from projects.value.services import Reading, record_kpi_reading
from tests.factories.gates import AT

CARD = {
    "name": "Answers given",
    "measures": "outcomes",
    "unit": "answers",
    "direction": "up",
    "formula": "Count of tickets answered",
    "numerator_source": "Ticket system",
    "denominator_source": "",
    "cadence": "monthly",
    "baseline": "0",
    "baseline_from": "2026-07-01",
    "baseline_last": "2026-07-31",
    "target": "1,400",
    "floor": "900",
    "ceiling": "",
    "target_volume": "1400",
    "category": "productivity",
    "mechanism": "capacity",
    "money_per_unit": "3.50",
    "realisation_percent": "80",
    "is_cashable": "on",
    "confidence": "medium",
    "confidence_reason": "Two months of counts.",
}
READING = {"period_start": "2026-10-01", "last_day": "2026-10-31", "value": "2.4", "note": "Month's report"}
CSV = "measure,from,to,value,numerator,denominator,note\n{}"


@pytest.fixture(autouse=True)
def _clock(settings):
    settings.TOLLGATE_NOW = AT.isoformat()


def text(answer):
    return " ".join(answer.content.decode().split())


def pages(initiative, card):
    return [
        reverse("projects:kpi-new", args=[initiative.key]),
        reverse("projects:kpi-file", args=[initiative.key]),
        reverse("projects:kpi", args=[initiative.key, card.pk]),
        reverse("projects:kpi-edit", args=[initiative.key, card.pk]),
    ]


def upload(rows):
    return {"file": SimpleUploadedFile("october.csv", CSV.format(rows).encode())}


def test_anonymous_signs_in_and_a_stranger_finds_nothing(client, people, initiative, card):
    assert [client.get(page).status_code for page in pages(initiative, card)] == [302] * 4
    client.force_login(people.max)

    assert [client.get(page).status_code for page in pages(initiative, card)] == [404] * 4


def test_reader_sees_the_card_and_changes_nothing(client, people, initiative, card):
    client.force_login(people.reader)
    new, file, show, edit = pages(initiative, card)

    assert "Change the measure" not in text(client.get(show))
    assert [client.get(page).status_code for page in (new, file, edit)] == [403] * 3
    assert client.post(new, CARD | {"owner": people.olga.pk}).status_code == 403
    assert client.post(reverse("projects:kpi-reading", args=[initiative.key, card.pk]), READING).status_code == 403


def test_owner_adds_a_card_with_every_field(client, people, initiative):
    client.force_login(people.olga)
    url = reverse("projects:kpi-new", args=[initiative.key])

    shown = text(client.post(url, CARD | {"owner": people.tom.pk}, follow=True))

    card = KpiCard.objects.get()
    assert (card.target, card.floor, card.baseline_until) == (1400, 900, date(2026, 8, 1))
    assert (card.owner, card.is_cashable, card.realisation_percent) == (people.tom, True, 80)
    for words in ("Answers given added.", "1 Jul 2026 to 31 Jul 2026", "$3.50, 80% of it realised, cashable"):
        assert words in shown


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "", "Name the measure"),
        ("target", "NaN", "Write a number"),
        ("target", "9" * 30, "digits"),
        ("baseline_from", "0000-01-01", "Enter a valid date"),
        ("baseline_from", "9999-12-31", "between 2000 and 2100"),
        ("baseline_last", "", "Give both days"),
        ("baseline_last", "2026-06-30", "lies before the first"),
        ("realisation_percent", "100.01", "less than or equal to 100"),
        ("confidence_reason", "", "Say why the confidence"),
        ("name", "x" * 201, "at most 200"),
    ],
)
def test_what_cannot_stand_is_said_at_its_field(client, people, initiative, field, typed, words):
    client.force_login(people.olga)
    url = reverse("projects:kpi-new", args=[initiative.key])

    answer = client.post(url, CARD | {"owner": people.tom.pk, field: typed})

    assert answer.status_code == 422
    assert words in text(answer)
    assert not KpiCard.objects.exists()


def test_second_card_of_a_name_is_refused_in_words(client, people, initiative, card):
    client.force_login(people.olga)

    answer = client.post(pages(initiative, card)[0], CARD | {"owner": people.tom.pk, "name": card.name})

    assert answer.status_code == 422
    assert KpiCard.objects.count() == 1


def changed(card, people, **changes):
    told = {
        "revision": card.revision,
        "name": card.name,
        "measures": card.measures,
        "unit": card.unit,
        "direction": card.direction,
        "numerator_source": card.numerator_source,
        "cadence": card.cadence,
        "baseline": "4",
        "target": "2",
        "ceiling": "3",
        "realisation_percent": "100",
        "owner": people.olga.pk,
    }
    return told | changes


def test_target_moves_only_with_a_reason_and_both_stay_on_record(client, people, initiative, card):
    client.force_login(people.olga)
    url = pages(initiative, card)[3]

    bare = client.post(url, changed(card, people, target="2.5"))
    client.post(url, changed(card, people, target="2.5", reason="Dearer model approved."))

    assert bare.status_code == 422
    assert "say why target changes" in text(bare)
    assert KpiCard.objects.get().target == Decimal("2.5")
    event = AuditEvent.objects.get(verb="kpi.changed")
    assert (event.data["before"]["target"], event.data["after"]["target"]) == ("2.000000", "2.5")
    assert event.data["reason"] == "Dearer model approved."


def test_change_by_somebody_else_meanwhile_keeps_both(client, people, initiative, card):
    client.force_login(people.olga)
    url = pages(initiative, card)[3]
    client.post(url, changed(card, people, unit="USD"))

    answer = client.post(url, changed(card, people, unit="dollars"))

    assert answer.status_code == 409
    assert "was changed by somebody else" in text(answer)
    assert "dollars" in text(answer)
    assert KpiCard.objects.get().unit == "USD"
    assert client.post(url, changed(KpiCard.objects.get(), people, unit="dollars")).status_code == 302


def test_owner_types_a_reading_and_finance_verifies_it(client, people, initiative, card):
    client.force_login(people.tom)
    show = pages(initiative, card)[2]
    url = reverse("projects:kpi-reading", args=[initiative.key, card.pk])
    shown = text(client.post(url, READING, follow=True))
    row = KpiReading.objects.get()
    verify = reverse("projects:kpi-verify", args=[initiative.key, card.pk, row.pk])

    assert "Typed by the team" in shown
    assert client.post(verify).status_code == 403
    client.force_login(people.fay)
    assert "Verify" in text(client.get(show))
    shown = text(client.post(verify, follow=True))

    assert "Reading of Cost per answer verified." in shown
    assert "Replaced" in shown
    assert KpiReading.objects.filter(source="verified", recorded_by=people.fay).count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"last_day": "2026-11-16"}, "is not over yet"),
        ({"last_day": "2026-09-30"}, "lies before the first"),
        ({"value": ""}, "required"),
        ({"value": "many"}, "Write a number"),
    ],
)
def test_reading_that_cannot_stand_is_refused(client, people, initiative, card, changes, words):
    client.force_login(people.olga)

    answer = client.post(reverse("projects:kpi-reading", args=[initiative.key, card.pk]), READING | changes)

    assert answer.status_code == 422
    assert words in text(answer)
    assert not KpiReading.objects.exists()


def test_reading_to_yesterday_stands(client, people, initiative, card):
    client.force_login(people.olga)
    url = reverse("projects:kpi-reading", args=[initiative.key, card.pk])

    assert client.post(url, READING | {"last_day": "2026-11-15"}).status_code == 302


def test_file_of_the_team_is_typed_and_of_finance_imported(client, people, initiative, card):
    url = pages(initiative, card)[1]
    client.force_login(people.olga)
    assert "typed by the team" in text(client.get(url))
    client.post(url, upload("Cost per answer,2026-10-01,2026-10-31,2.4,,,\n"))
    client.force_login(people.fay)
    assert "counts as imported" in text(client.get(url))
    client.post(url, upload("cost per ANSWER,2026-10-01,2026-10-31,,2500,1000,\n"))

    rows = KpiReading.objects.order_by("pk")
    assert [(row.source, row.value) for row in rows] == [("typed", Decimal("2.4")), ("imported", Decimal("2.5"))]


def test_file_of_finance_with_an_interest_is_not_imported(client, people, initiative, card):
    initiative.sponsor = people.fay
    initiative.save()
    client.force_login(people.fay)

    answer = client.post(pages(initiative, card)[1], upload("Cost per answer,2026-10-01,2026-10-31,2.4,,,\n"))

    assert answer.status_code == 403
    assert not KpiReading.objects.exists()


def test_same_file_again_changes_nothing(client, people, initiative, card):
    client.force_login(people.fay)
    rows = "Cost per answer,2026-10-01,2026-10-31,2.4,,,\nCost per answer,2026-09-01,2026-09-30,2.6,,,\n"

    shown = [text(client.post(pages(initiative, card)[1], upload(rows), follow=True)) for _ in range(2)]

    assert "2 readings kept, 0 known already." in shown[0]
    assert "0 readings kept, 2 known already." in shown[1]
    assert KpiReading.objects.count() == 2
    assert AuditEvent.objects.filter(verb="kpi.delivered").count() == 1


def test_every_wrong_cell_is_named_and_nothing_kept(client, people, initiative, card):
    client.force_login(people.fay)
    rows = (
        "Cost per answer,2026-09-01,2026-09-30,2.6,,,\n"
        "Astrology,2026-10-01,2026-10-31,1,,,\n"
        "Cost per answer,1/10/26,2026-10-31,two,,,\n"
        "Cost per answer,2026-10-01,2026-11-30,1,,,\n"
        "Cost per answer,2026-09-01,2026-09-30,2.6,,,\n"
        "Cost per answer,2026-10-01,2026-10-31,,5,0,\n"
    )

    answer = client.post(pages(initiative, card)[1], upload(rows))

    assert answer.status_code == 422
    for words in (
        "Line 3, column measure: there is no “Astrology”. Measures are Cost per answer",
        "Line 4, column from: “1/10/26” is no day",
        "Line 4, column value: “two” is no figure",
        "Line 5, Cost per answer: the period ends on 2026-11-30 and is not over yet",
        "Line 6, the same measure and period stand on an earlier line",
        "Line 7, column value: empty",
    ):
        assert words in text(answer)
    assert not KpiReading.objects.exists()


def test_queries_of_a_card_do_not_grow_with_its_readings(
    client, people, initiative, card, django_assert_max_num_queries
):
    client.force_login(people.fay)
    url = pages(initiative, card)[2]

    def read(*months):
        for month in months:
            reading = Reading(date(2026, month, 1), date(2026, month + 1, 1), Decimal(month))
            record_kpi_reading(card_id=card.pk, reading=reading, by=people.olga, at=AT)

    read(9, 10)
    client.get(url)
    with django_assert_max_num_queries(40) as few:
        client.get(url)
    read(1, 2, 3, 4, 5, 6, 7, 8)
    with django_assert_max_num_queries(len(few)):
        client.get(url)
