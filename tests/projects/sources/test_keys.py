"""Each distinct thing that charges are made for stands in the database once, whoever asks for it and how often."""

import polars as pl
import pytest
from django.db import transaction

from projects.attribution.layers import layer_columns, with_layers
from projects.attribution.purposes import purposes_statement
from projects.common.clock import now
from projects.people.services import import_service
from projects.sources import keys
from projects.sources.keys import NEW_KEYS, KeyBook
from projects.sources.models import CostGroup, CostKey, Source
from projects.sources.readers.schema import CANONICAL

pytestmark = pytest.mark.django_db


def make_source(name):
    return Source.objects.create(
        name=name, role="fact", scope="account_period", created_by=import_service(), created_at=now()
    )


@pytest.fixture
def source():
    return make_source("bill")


def rows(**columns):
    """Return canonical rows with these columns and nothing else."""
    height = len(next(iter(columns.values())))
    given = {name: pl.Series(values, dtype=CANONICAL[name]) for name, values in columns.items()}
    nothing = pl.Series([None] * height)
    return pl.DataFrame({name: given.get(name, nothing.cast(kind)) for name, kind in CANONICAL.items()})


def resolve(source, *batches):
    """Ask a new book for the keys of these batches."""
    book = KeyBook(source.pk, layer_columns(), with_layers, purposes_statement(NEW_KEYS))
    with transaction.atomic():
        return [book.resolve(batch) for batch in batches]


def test_a_second_file_finds_the_keys_of_the_first_and_adds_only_its_own(source):
    ((first, added),) = resolve(source, rows(resource_id=["a", "b", "a"]))
    ((second, more),) = resolve(source, rows(resource_id=["c", "b"]))

    a, b, again = first["cost_key_id"].to_list()
    assert a == again
    assert sorted(added) == [a, b]
    c, found = second["cost_key_id"].to_list()
    assert found == b
    assert sorted(more) == [b, c]
    assert CostKey.objects.count() == 3
    assert CostGroup.objects.count() == 1


def test_more_combinations_than_are_remembered_keep_their_keys(source, monkeypatch):
    monkeypatch.setattr(keys, "MOST_SEEN", 1)

    (first, _), (second, more), (third, none) = resolve(
        source, *(rows(resource_id=names) for names in (["a", "b"], ["a", "c"], ["c", "b"]))
    )

    (a, b), (again, c) = first["cost_key_id"].to_list(), second["cost_key_id"].to_list()
    assert again == a
    assert more == [c]
    assert third["cost_key_id"].to_list() == [c, b]
    assert none == []


def test_a_group_stands_once_for_each_purpose_that_its_keys_have(source):
    tags = ['{"purpose":"training"}', '{"purpose":"inference"}', '{"purpose":"training"}', None]

    ((found, _),) = resolve(source, rows(resource_id=["a", "b", "c", "d"], service_name=["S"] * 4, tags=tags))

    training, inference, again, unclassified = found["group_id"].to_list()
    assert training == again
    purposes = dict(CostGroup.objects.values_list("pk", "purpose"))
    assert (purposes[training], purposes[inference]) == ("training", "inference")
    assert purposes[unclassified] == "unclassified"
    assert len(purposes) == 3


def test_a_group_that_an_earlier_batch_or_file_brought_is_taken_again(source):
    (first, _), (second, _) = resolve(
        source, rows(resource_id=["a"], service_name=["S"]), rows(resource_id=["b"], service_name=["S"])
    )
    ((third, _),) = resolve(source, rows(resource_id=["c"], service_name=["S"]))

    assert {*first["group_id"], *second["group_id"], *third["group_id"]} == {CostGroup.objects.get().pk}


def test_texts_that_look_like_the_marks_between_texts_share_a_key_rather_than_break_the_file(source):
    nothing, mark = None, "\x02"

    ((found, _),) = resolve(source, rows(resource_id=["r", "r"], resource_type=[nothing, mark]))

    assert found["cost_key_id"].n_unique() == 1


def test_another_source_has_keys_of_its_own(source):
    other = make_source("other bill")

    ((ours, _),) = resolve(source, rows(resource_id=["a"]))
    ((theirs, _),) = resolve(other, rows(resource_id=["a"]))

    assert ours["cost_key_id"][0] != theirs["cost_key_id"][0]
    assert ours["key_print"][0] == theirs["key_print"][0]
