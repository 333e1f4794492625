import json

import pytest
from django.core.management import call_command

from projects.prices.models import ModelEntry, PriceSheet
from projects.prices.quotes import Price
from projects.prices.selectors import price_of
from tests.factories.prices import AT

pytestmark = pytest.mark.django_db


def load(capsys, *arguments: str) -> dict:
    call_command("load_prices", *arguments, "--json")
    return json.loads(capsys.readouterr().out)


def test_sheets_load_once_and_no_catalogue_unless_asked(capsys):
    first, again = load(capsys), load(capsys)

    assert first == again
    assert first["models_entered"] == 0
    assert [sheet["taken_on"] for sheet in first["sheets"]] == ["2026-08-19", "2026-11-09"]
    assert PriceSheet.objects.count() == 2


def test_the_first_catalogue_is_entered_once_and_leaves_people_s_changes_alone(capsys):
    assert load(capsys, "--catalogue")["models_entered"] == ModelEntry.objects.count() > 10
    ModelEntry.objects.filter(model="gpt-5.4").update(status="barred")

    assert load(capsys, "--catalogue")["models_entered"] == 0
    assert ModelEntry.objects.get(model="gpt-5.4").status == "barred"


def test_every_model_of_the_first_catalogue_has_a_price(capsys):
    load(capsys, "--catalogue")

    prices = [price_of(entry.provider, entry.model, AT.date()) for entry in ModelEntry.objects.all()]
    assert [price for price in prices if not (isinstance(price, Price) and price.blended)] == []
    assert set(ModelEntry.objects.values_list("tier", flat=True)) == {
        "small",
        "mid",
        "frontier",
        "reasoning",
    }
