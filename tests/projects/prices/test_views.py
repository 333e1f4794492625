import html
import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.people.roles import Role
from projects.prices.models import ModelEntry, PriceOverride
from projects.prices.services import approve_override, propose_override
from tests.factories.people import person
from tests.factories.prices import AT, catalogued, terms

pytestmark = pytest.mark.django_db
PAGES = ("prices", "own-prices", "catalogue", "usage")
PROPOSAL = {
    "provider": "openai",
    "model_pattern": "gpt-4o",
    "price_key": "input_mtok",
    "price": "2.05",
    "currency": "USD",
    "valid_from": "2026-06-01",
    "valid_to": "",
    "reason": "Framework agreement",
}
LINE = {"provider": "openai", "model": "gpt-4o", "tier": "frontier", "status": "trial", "review_on": "2027-03-01"}


@pytest.fixture
def rita(db):
    return person("rita", Role.REVIEWER)


def get(client, user, name, **query):
    client.force_login(user)
    return client.get(reverse(f"projects:{name}"), query)


def post(client, user, name, data=None, *args):
    client.force_login(user)
    return client.post(reverse(f"projects:{name}", args=args), data or {})


@pytest.mark.parametrize("name", PAGES)
def test_pages_ask_for_sign_in_and_hide_from_strangers(client, max_the_stranger, rita, name):
    assert client.get(reverse(f"projects:{name}")).status_code == 302
    assert get(client, max_the_stranger, name).status_code == 404
    assert get(client, rita, name).status_code == 200


def test_the_sheet_says_what_would_fill_it(client, rita):
    assert "No price sheet is loaded" in get(client, rita, "prices").content.decode()


def test_the_sheet_is_searched_and_dated(client, rita, public_prices):
    page = get(client, rita, "prices", q="openai gpt-4o-mini", on="2026-11-19").content.decode()

    assert "gpt-4o-mini" in page
    assert "$0.15" in page
    assert "$0.60" in page
    assert "genai-prices 0.2.3, taken 9 Nov 2026" in page
    assert "genai-prices 0.1.4" in get(client, rita, "prices", q="gpt-4o-mini", on="2026-09-01").content.decode()


def test_a_search_without_a_match_says_so(client, rita, public_prices):
    assert "No model goes by that name" in get(client, rita, "prices", q="zzz").content.decode()


def test_htmx_gets_the_table_alone(client, rita, public_prices):
    client.force_login(rita)

    part = client.get(reverse("projects:prices"), {"q": "gpt-4o"}, headers={"HX-Request": "true"}).content.decode()

    assert part.lstrip().startswith("<section")
    assert "<html" not in part


def test_a_day_that_is_no_day_shows_today(client, rita, public_prices):
    assert get(client, rita, "prices", on="soon").status_code == 200


def test_our_price_is_marked_in_the_sheet(client, rita, public_prices, fiona, felix):
    override = propose_override(terms=terms(price=Decimal("2.05")), by=fiona, at=AT)
    approve_override(override_id=override.pk, by=felix, at=AT)

    page = get(client, rita, "prices", q="openai gpt-4o", on="2026-11-19").content.decode()

    assert "$2.05" in page
    assert "Our price" in page


@pytest.mark.parametrize(("query", "queries"), [("", 13), ("gpt", 13)])
def test_the_sheet_takes_few_queries(client, rita, public_prices, query, queries, django_assert_max_num_queries):
    get(client, rita, "prices")
    client.force_login(rita)

    with django_assert_max_num_queries(queries):
        client.get(reverse("projects:prices"), {"q": query})


def test_finance_proposes_and_another_approves(client, fiona, felix):
    assert post(client, fiona, "own-price-propose", PROPOSAL).status_code == 302
    override = PriceOverride.objects.get()
    assert (override.price, override.state) == (Decimal("2.05"), "proposed")
    assert "Approve" not in get(client, fiona, "own-prices").content.decode()
    assert "Approve" in get(client, felix, "own-prices").content.decode()

    assert post(client, felix, "own-price-approve", None, override.pk).status_code == 302

    assert PriceOverride.objects.get().state == "approved"
    assert "a cost computed before stays as it is" in get(client, felix, "own-prices").content.decode()


def test_the_proposer_s_own_approval_is_refused_with_the_reason(client, fiona):
    override = propose_override(terms=terms(), by=fiona, at=AT)

    answer = post(client, fiona, "own-price-approve", None, override.pk)

    assert answer.status_code == 403
    assert "You proposed this price" in answer.content.decode()


def test_an_invalid_proposal_comes_back_with_its_errors(client, fiona):
    answer = post(client, fiona, "own-price-propose", {**PROPOSAL, "price": "cheap", "currency": "usd"})

    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert not PriceOverride.objects.exists()


def test_a_price_that_ends_before_it_starts_is_refused(client, fiona):
    assert post(client, fiona, "own-price-propose", {**PROPOSAL, "valid_to": "2026-05-01"}).status_code == 422


def test_a_price_is_withdrawn_or_ended(client, fiona, felix):
    first = propose_override(terms=terms(), by=fiona, at=AT)
    second = propose_override(terms=terms(), by=fiona, at=AT)
    approve_override(override_id=second.pk, by=felix, at=AT)

    post(client, fiona, "own-price-withdraw", None, first.pk)
    post(client, fiona, "own-price-end", {"valid_to": "2026-12-01"}, second.pk)
    post(client, fiona, "own-price-end", {"valid_to": "soon"}, second.pk)

    assert PriceOverride.objects.get(pk=first.pk).state == "withdrawn"
    assert PriceOverride.objects.get(pk=second.pk).valid_to == date(2026, 12, 1)


def test_a_withdrawn_price_cannot_be_approved(client, fiona, felix):
    override = propose_override(terms=terms(), by=fiona, at=AT)
    post(client, fiona, "own-price-withdraw", None, override.pk)

    assert post(client, felix, "own-price-approve", None, override.pk).status_code == 409


@pytest.mark.parametrize(
    ("name", "data"),
    [("own-price-propose", PROPOSAL), ("catalogue-keep", LINE)],
)
def test_a_reader_changes_nothing(client, rita, name, data):
    assert post(client, rita, name, data).status_code == 403
    assert not PriceOverride.objects.exists()
    assert not ModelEntry.objects.exists()
    assert '<form method="post"' not in get(client, rita, "own-prices").content.decode().split("<main")[1]


def test_an_act_on_no_price_is_not_found(client, fiona):
    assert post(client, fiona, "own-price-approve", None, 99).status_code == 404


def test_finance_enters_a_model(client, fiona, public_prices):
    assert post(client, fiona, "catalogue-keep", LINE).status_code == 302

    page = get(client, fiona, "catalogue").content.decode()
    assert ModelEntry.objects.get().status == "trial"
    assert "$2.50" in page
    assert "Enter a model" in page


def keep_change(client, user, data, reference="openai:gpt-4o"):
    client.force_login(user)
    return client.post(f"{reverse('projects:catalogue-keep')}?edit={reference}", data)


def test_each_line_has_a_link_that_opens_the_form_filled_in(client, fiona):
    post(client, fiona, "catalogue-keep", {**LINE, "benchmark": "MMLU 88"})
    catalogued("together", "meta-llama/Llama-3 70B:free")

    page = get(client, fiona, "catalogue").content.decode()
    links = re.findall(r'href="(\?edit=[^"#]+)#keep"[^>]*>Change<span class="vh"> ([^<]+)</span>', page)
    opened = [client.get(reverse("projects:catalogue") + html.unescape(link)).content.decode() for link, _ in links]

    assert [who for _, who in links] == ["gpt-4o of openai", "meta-llama/Llama-3 70B:free of together"]
    assert 'value="MMLU 88"' in opened[0]
    assert '<option value="trial" selected>' in opened[0]
    assert 'name="model"' not in opened[0]
    for page, (_, who) in zip(opened, links, strict=True):
        assert f'<h2 id="keep" tabindex="-1">Change {who}</h2>' in page


def test_a_change_keeps_the_line_of_its_model_whatever_else_is_sent(client, fiona):
    post(client, fiona, "catalogue-keep", LINE)

    answer = keep_change(client, fiona, {**LINE, "model": "other", "status": "approved"})

    assert answer.status_code == 302
    assert [(row.model, row.status) for row in ModelEntry.objects.all()] == [("gpt-4o", "approved")]


def test_a_model_that_has_a_line_is_not_entered_again(client, fiona):
    post(client, fiona, "catalogue-keep", {**LINE, "benchmark": "MMLU 88"})

    answer = post(client, fiona, "catalogue-keep", LINE)

    assert answer.status_code == 422
    assert (
        "gpt-4o of openai stands in the catalogue as trial already. Change its line instead." in answer.content.decode()
    )
    assert ModelEntry.objects.get().benchmark == "MMLU 88"


def test_a_change_with_mistakes_comes_back_as_a_change(client, fiona):
    post(client, fiona, "catalogue-keep", LINE)

    answer = keep_change(client, fiona, {**LINE, "review_on": "soon", "benchmark": "typed"})
    page = answer.content.decode()

    assert answer.status_code == 422
    assert "Change gpt-4o of openai" in page
    assert 'value="typed"' in page
    assert "“Next review” of a line of the catalogue cannot be read" in page
    assert str(ModelEntry.objects.get().review_on) == "2027-03-01"


def test_a_line_that_is_not_there_is_not_found(client, fiona):
    assert get(client, fiona, "catalogue", edit="openai:gone").status_code == 404
    assert keep_change(client, fiona, LINE).status_code == 404
    assert not ModelEntry.objects.exists()


def test_a_reader_sees_lines_without_links_and_changes_none(client, fiona, rita, max_the_stranger):
    post(client, fiona, "catalogue-keep", LINE)

    assert "?edit=" not in get(client, rita, "catalogue").content.decode()
    assert keep_change(client, rita, {**LINE, "status": "barred"}).status_code == 403
    assert keep_change(client, max_the_stranger, {**LINE, "status": "barred"}).status_code == 404
    assert ModelEntry.objects.get().status == "trial"


def test_more_lines_cost_no_more_queries(client, fiona):
    catalogued("openai", "gpt-4o")
    get(client, fiona, "catalogue")
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("projects:catalogue"), {"edit": "openai:gpt-4o"})
    for number in range(12):
        catalogued("openai", f"gpt-{number}")

    with CaptureQueriesContext(connection) as many:
        client.get(reverse("projects:catalogue"), {"edit": "openai:gpt-4o"})

    assert len(many) == len(few)


def test_a_line_with_mistakes_comes_back(client, fiona):
    answer = post(client, fiona, "catalogue-keep", {**LINE, "tier": "gigantic", "review_on": ""})

    assert answer.status_code == 422
    assert not ModelEntry.objects.exists()


def test_a_review_that_is_due_is_marked(client, rita):
    catalogued("openai", "gpt-4o")
    assert "Due" not in get(client, rita, "catalogue").content.decode()

    ModelEntry.objects.update(review_on=date(2020, 1, 1))
    assert "Due" in get(client, rita, "catalogue").content.decode()
