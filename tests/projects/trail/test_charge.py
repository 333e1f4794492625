"""One charge: the row as delivered, whose it is and why, what paid for it, and who may see which names in it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.sources.eyes import Eyes
from projects.trail.charge import trail_of
from tests.projects.spend.samples import FOCUS, take_in, write_focus

pytestmark = pytest.mark.django_db
GATEWAY = FOCUS / "litellm_focus_servegen_m_small.csv"


def test_a_charge_leads_to_its_rule_initiative_tranche_and_decision(client, carol, funded, bill):
    client.force_login(carol)

    page = client.get("/spend/rows/DL-0001/4/").content.decode()

    for words in ("AmazonEC2", "Rule 1", bill.name, "T1, $100,000.00", "AIC-2026-014", "DL-0001", "Line 4 of bill.csv"):
        assert words in page, words


def test_a_charge_that_nobody_pays_for_says_so(client, carol, funded):
    client.force_login(carol)

    for line, words in ((2, "no tranche was in force on 3 May 2026"), (7, "Unclaimed")):
        page = client.get(f"/spend/rows/DL-0001/{line}/").content.decode()
        assert words in page
        assert "AIC-2026-014" not in page


def test_only_those_who_keep_attribution_are_asked_to_claim(client, carol, fiona, funded):
    said = []
    for reader in (carol, fiona):
        client.force_login(reader)
        row_page = client.get("/spend/rows/DL-0001/7/").content.decode()
        said.append(("Claim it" in row_page, ">Claim</a>" in client.get("/spend/").content.decode()))

    assert said == [(False, False), (True, True)]


def test_the_row_stands_as_it_was_delivered(bill):
    trail = trail_of("DL-0001", 2, eyes=Eyes(sees_people=True))

    cells = dict(trail.cells)
    assert cells["EffectiveCost"] == "100.25"
    assert cells["ServiceName"] == "Bedrock"
    assert "ResourceId" not in cells
    assert dict(trail.tags) == {"initiative": bill.key, "env": "Prod"}


def test_a_replaced_row_stays_readable_and_says_that_it_no_longer_counts(client, carol, tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "10"}), "cloud")
    take_in(write_focus(tmp_path / "b.csv", {"EffectiveCost": "12"}), "cloud")
    client.force_login(carol)

    old = client.get("/spend/rows/DL-0001/2/").content.decode()
    new = client.get("/spend/rows/DL-0002/2/").content.decode()

    assert "This row no longer counts" in old
    assert "$10" in old
    assert "This row no longer counts" not in new
    assert client.get("/spend/rows/DL-0002/3/").status_code == 404
    assert client.get("/spend/rows/DL-0404/2/").status_code == 404


def test_key_names_are_seen_by_finance_and_masked_for_others(client, carol, fiona, audrey):
    take_in(GATEWAY, "gateway")
    pages, queries = {}, []
    for reader, line in ((carol, 2), (fiona, 2), (audrey, 300), (audrey, 2)):
        client.force_login(reader)
        with CaptureQueriesContext(connection) as asked:
            pages[reader] = client.get(f"/spend/rows/DL-0001/{line}/").content.decode()
        queries.append(len(asked))

    assert "client-002" in pages[fiona]
    assert "client-002" in pages[audrey]
    assert "client-002" not in pages[carol]
    assert "Developer Copilot" in pages[carol]
    assert "are masked" in pages[carol]
    assert max(queries[1:]) == min(queries[1:]) < 25
    assert client.get("/spend/rows/?source=gateway").content.decode().count("/spend/rows/DL-0001/") == 50
    assert "No charge is meant by this" in client.get("/spend/rows/").content.decode()


def test_addresses_are_masked_in_list_and_export_too(client, carol, fiona, tmp_path):
    person = {"SubAccountId": "ann.lee@example.com", "ResourceId": "/users/ann.lee@example.com/key"}
    take_in(write_focus(tmp_path / "a.csv", person), "cloud")

    for reader, sees in ((fiona, True), (carol, False)):
        client.force_login(reader)
        listed = client.get("/spend/rows/").content.decode()
        sent = b"".join(client.get("/spend/rows.csv").streaming_content).decode()
        row = client.get("/spend/rows/DL-0001/2/").content.decode()
        for text in (listed, sent, row):
            assert ("ann.lee" in text) is sees
            assert "@example.com" in text
