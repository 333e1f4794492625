"""Mandatory keys and other names as finance keeps them."""

import pytest

from projects.attribution.aliases import AliasRefused, add_alias, retire_alias
from projects.attribution.drafts import RuleDraft
from projects.attribution.models import TagAlias, TaggingKey
from projects.attribution.services import make_rule
from projects.common.outcomes import NotPermitted, WrongState
from projects.jobs.models import Job
from projects.spend.reattribution import reattribute
from tests.browser.looking import look_at
from tests.projects.spend.samples import take_in, totals, write_focus

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("key", "taken"), [("", True), ("Cost-Centre", True), ("application", False)])
def test_another_name_counts_as_the_value_under_its_key(key, taken, fraud, fiona, now, tmp_path):
    make_rule(draft=RuleDraft("tag", "claims", fraud, tag_key="cost centre"), by=fiona, at=now)
    take_in(write_focus(tmp_path / "a.csv", {"Tags": '{"cost_centre": "claims-prod "}'}), "cloud")

    alias = add_alias(alias=" claims-prod", value="claims", tag_key=key, by=fiona, at=now)
    reattribute(by=fiona, at=now)

    assert (fraud.key in totals("--by", "initiative")[0]) is taken
    retire_alias(alias_id=alias.pk, by=fiona, at=now)
    reattribute(by=fiona, at=now)
    assert totals("--by", "initiative")[0].keys() == {None}


def test_a_name_means_one_value_and_finance_keeps_it(olga, fiona, now):
    alias = add_alias(alias="a", value="b", by=fiona, at=now)

    for who, wrong, error in (
        (olga, {"alias": "x", "value": "y"}, NotPermitted),
        (fiona, {"alias": "a", "value": "c"}, AliasRefused),
        (fiona, {"alias": "a", "value": " a "}, AliasRefused),
        (fiona, {"alias": " ", "value": "a"}, AliasRefused),
    ):
        with pytest.raises(error):
            add_alias(**wrong, by=who, at=now)
    retire_alias(alias_id=alias.pk, by=fiona, at=now)
    with pytest.raises(WrongState):
        retire_alias(alias_id=alias.pk, by=fiona, at=now)


def test_the_page_keeps_keys_and_names(client, fiona, max_the_stranger, audrey):
    client.force_login(max_the_stranger)
    assert client.get("/spend/rules/tags/").status_code == 404
    client.force_login(audrey)
    assert client.get("/spend/rules/tags/").status_code == 200
    assert client.post("/spend/rules/tags/names/", {"alias": "a", "value": "b"}).status_code == 403
    client.force_login(fiona)

    assert client.post("/spend/rules/tags/keys/", {"title": ""}).status_code == 422
    client.post(
        "/spend/rules/tags/keys/", {"title": "Team", "carrier": "tag", "allowed": "Blue, red", "other_keys": "squad"}
    )
    client.post("/spend/rules/tags/names/", {"alias": "a", "value": "b"})

    key = TaggingKey.objects.get(tag_key="team")
    assert (key.allowed, key.other_keys) == (["blue", "red"], ["squad"])
    assert Job.objects.get().kind == "reattribute"
    shown = client.get("/spend/rules/tags/").content.decode()
    assert "one of blue, red" in shown
    client.post(f"/spend/rules/tags/keys/{key.pk}/end/")
    client.post(f"/spend/rules/tags/names/{TagAlias.objects.get().pk}/end/")
    assert not TaggingKey.objects.filter(tag_key="team", retired_at__isnull=True).exists()
    assert Job.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_page_can_be_read_by_everybody(open_browser, fiona):
    for width, dark in ((1280, False), (390, True)):
        page = open_browser(fiona, width=width, dark=dark)
        page.goto("/spend/rules/tags/")
        look_at(page, "attribution-tags")
