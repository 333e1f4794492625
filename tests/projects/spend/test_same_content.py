"""The same content counts once: again, renamed, packed, in another form, or under another source."""

import gzip
import shutil
import zipfile

import polars as pl
import pytest

from projects.audit.models import AuditEvent
from projects.common.clock import now
from projects.people.services import import_service
from projects.sources.models import Delivery
from projects.spend.sameness import SameContentElsewhere
from projects.spend.services import CostFile, import_costs
from tests.projects.spend.deliveries import GATEWAY, everything
from tests.projects.spend.samples import run, take_in, write_focus

pytestmark = pytest.mark.django_db


def test_the_same_file_twice_changes_nothing():
    first = take_in(GATEWAY, "gateway")
    before = everything()

    second = take_in(GATEWAY, "gateway")

    assert first["unchanged"] is False
    assert second["unchanged"] is True
    assert second["delivery"] == first["delivery"]
    assert second["totals"] == first["totals"]
    assert everything() == before


def test_the_same_rows_renamed_or_packed_change_nothing(tmp_path):
    take_in(GATEWAY, "gateway")
    before = everything()
    renamed = shutil.copy(GATEWAY, tmp_path / "again.csv")
    packed = tmp_path / "again.csv.gz"
    packed.write_bytes(gzip.compress(GATEWAY.read_bytes()))
    zipped = tmp_path / "again.zip"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(GATEWAY, "another name.csv")
    windows = tmp_path / "windows.csv"
    windows.write_bytes(GATEWAY.read_bytes().replace(b"\n", b"\r\n"))

    answers = [take_in(path, "gateway") for path in (renamed, packed, zipped, windows)]

    assert [answer["unchanged"] for answer in answers] == [True] * 4
    assert everything() == before


def test_the_same_content_under_another_source_is_named_and_must_be_confirmed():
    take_in(GATEWAY, "gateway")
    before = everything()

    status, refused = run("import_costs", GATEWAY, "--source", "bill")

    assert (status, refused["error"]["code"], refused["error"]["rows"]) == (2, "same_content_elsewhere", [])
    assert "gateway delivered the same content as DL-0001" in refused["error"]["message"]
    assert "--confirm-same-content" in refused["error"]["message"]
    assert everything() == before
    answer = take_in(GATEWAY, "bill", "--confirm-same-content")
    assert any("gateway delivered the same content as DL-0001" in note for note in answer["notes"])
    with pytest.raises(SameContentElsewhere):
        import_costs(file=CostFile(GATEWAY, "x.csv", "third"), by=import_service(), at=now())


def test_the_same_rows_packed_again_are_named_under_another_source_too(tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {}, {"EffectiveCost": "2"}), "cloud")
    packed = tmp_path / "renamed.csv.gz"
    packed.write_bytes(gzip.compress((tmp_path / "a.csv").read_bytes().replace(b"\n", b"\r\n")))

    status, refused = run("import_costs", packed, "--source", "other")

    assert (status, refused["error"]["code"], refused["error"]["rows"]) == (2, "same_content_elsewhere", [])
    answer = take_in(packed, "other", "--confirm-same-content")
    assert any("cloud delivered the same content as DL-0001" in note for note in answer["notes"])
    data = AuditEvent.objects.get(verb="delivery.imported", target_id=Delivery.objects.get(key="DL-0002").pk).data
    assert (data["same_content_as"], data["same_content_confirmed"]) == ("DL-0001", True)


def test_the_same_rows_as_csv_and_as_parquet_are_one_content(tmp_path):
    path = write_focus(
        tmp_path / "a.csv",
        {"Tags": '{"app":"x"}'},
        {"EffectiveCost": "2.50", "BilledCost": "0.0"},
        {"BilledCost": "10"},
    )
    take_in(path, "cloud")
    frame = pl.read_csv(path, infer_schema=False)
    exact = [pl.col(name).cast(pl.Decimal(38, 20)) for name in ("BilledCost", "EffectiveCost")]
    frame.with_columns(exact).write_parquet(tmp_path / "a.parquet")

    status, refused = run("import_costs", tmp_path / "a.parquet", "--source", "other")

    assert (status, refused["error"]["code"]) == (2, "same_content_elsewhere")
    assert take_in(tmp_path / "a.parquet", "cloud")["unchanged"] is True


@pytest.mark.parametrize("change", [{"EffectiveCost": "2.01"}, {"ResourceId": "x"}, {"Tags": '{"app":"y"}'}])
def test_rows_that_differ_in_anything_are_other_content(change, tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "2"}), "cloud")

    answer = take_in(write_focus(tmp_path / "b.csv", {"EffectiveCost": "2"} | change), "other")

    assert not [note for note in answer["notes"] if "same content" in note]


def test_the_same_money_for_other_tokens_is_not_the_same_again(tmp_path):
    line = '{"request_id": "%s", "spend": 1, "prompt_tokens": %d, "completion_tokens": 1, "model": "gpt-4o", '
    line += '"startTime": "2026-05-03T00:00:00Z", "api_key": "k"}'
    (tmp_path / "a.jsonl").write_text(line % ("a", 5))
    (tmp_path / "b.jsonl").write_text(line % ("a", 6))
    take_in(tmp_path / "a.jsonl", "gateway")

    answer = take_in(tmp_path / "b.jsonl", "gateway")

    assert answer["unchanged"] is False


def test_content_that_no_longer_counts_elsewhere_needs_no_confirmation(tmp_path):
    first = write_focus(tmp_path / "a.csv", {"EffectiveCost": "2"})
    take_in(first, "wrong name")
    take_in(write_focus(tmp_path / "b.csv", {"EffectiveCost": "0"}), "wrong name")

    answer = take_in(first, "right name")

    assert answer["unchanged"] is False
    assert not [note for note in answer["notes"] if "same content" in note]
