"""A Parquet delivery is its own evidence, unless it carries what people or models wrote."""

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest
from django.conf import settings

from projects.sources.evidence import AS_DELIVERED, evidence_rows
from projects.sources.models import Delivery
from tests.projects.spend.samples import FOCUS, run, take_in, write_focus

pytestmark = pytest.mark.django_db


def as_parquet(path, **columns):
    """Write the rows of a FOCUS file as Parquet, exact figures and moments, with more columns as told."""
    frame = pl.read_csv(path, infer_schema=False)
    exact = [pl.col(name).cast(pl.Decimal(38, 4)) for name in ("BilledCost", "EffectiveCost")]
    start = pl.col("ChargePeriodStart").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC")
    target = path.with_suffix(".parquet")
    frame.with_columns(*exact, start, **columns).write_parquet(target, row_group_size=2)
    return target


def kept(delivery):
    return Path(settings.MEDIA_ROOT) / delivery.evidence


def test_the_file_is_kept_byte_for_byte_under_its_hash(tmp_path):
    path = as_parquet(write_focus(tmp_path / "a.csv", {}, {"EffectiveCost": "2.5"}))

    take_in(path, "cloud")

    delivery, content = Delivery.objects.get(), path.read_bytes()
    assert (kept(delivery) / AS_DELIVERED).read_bytes() == content
    assert delivery.evidence_sha256 == delivery.file_sha256 == hashlib.sha256(content).hexdigest()
    assert [place.name for place in kept(delivery).iterdir()] == [AS_DELIVERED]


def test_rows_are_read_back_by_their_numbers_as_they_stood(tmp_path):
    rows = [{"EffectiveCost": str(number)} for number in range(1, 6)]
    take_in(as_parquet(write_focus(tmp_path / "a.csv", *rows)), "cloud")

    found = evidence_rows(Delivery.objects.get().evidence, [5, 2, 5])

    assert found.select("row_number", "EffectiveCost").rows() == [(2, "2.0000"), (5, "5.0000")]
    assert found["ChargePeriodStart"].to_list() == ["2026-05-03T00:00:00Z"] * 2


def test_a_row_that_the_file_has_not_is_not_there(tmp_path):
    take_in(as_parquet(write_focus(tmp_path / "a.csv", {})), "cloud")

    assert evidence_rows(Delivery.objects.get().evidence, [2]).is_empty()


def test_maps_are_shown_as_text():
    take_in(FOCUS / "focus_1_0_aws_map_tags.snappy.parquet", "cloud")

    delivery = Delivery.objects.get()
    found = evidence_rows(delivery.evidence, range(1, delivery.rows + 1))

    assert found["row_number"].to_list() == list(range(1, delivery.rows + 1))
    assert all(json.loads(tags) for tags in found["Tags"].drop_nulls())
    assert found["Tags"].drop_nulls().len()
    assert set(found.dtypes) == {pl.Int64, pl.String}


def test_what_people_wrote_is_not_kept(tmp_path):
    path = as_parquet(write_focus(tmp_path / "a.csv", {}), x_prompt=pl.lit("secret words"))

    take_in(path, "cloud")

    delivery = Delivery.objects.get()
    assert "x_prompt" not in evidence_rows(delivery.evidence, [1]).columns
    assert not any(b"secret words" in place.read_bytes() for place in kept(delivery).iterdir())


def test_a_refused_file_leaves_no_evidence(tmp_path):
    path = as_parquet(write_focus(tmp_path / "a.csv", {}, {"ChargePeriodEnd": "never"}))

    status, _ = run("import_costs", path, "--source", "cloud")

    assert status == 2
    assert not [place for place in Path(settings.MEDIA_ROOT).rglob("*") if place.is_file()]
