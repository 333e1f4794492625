"""One provider by its several spellings."""

import csv

import pytest
from django.conf import settings
from django.db import connection

from projects.attribution.aliases import add_alias, retire_alias
from projects.attribution.providers import KEY, Providers, known_providers, meanings_of, shipped_providers, spelt

OCCURRING = {
    "Microsoft": [
        "Microsoft",
        "Microsoft Azure",
        "azure",
        "azure_ai",
        "azure_openai",
        "azure.ai.openai",
        "az.ai.inference",
        "az.ai.openai",
        "azure.ai.inference",
        "azure_text",
    ],
    "AWS": [
        "Amazon Web Services",
        "AWS",
        "aws",
        "bedrock",
        "bedrock_converse",
        "aws.bedrock",
        "AWS Bedrock",
        "sagemaker",
    ],
    "Google Cloud": [
        "google",
        "Google",
        "vertex_ai",
        "vertex_ai_beta",
        "gemini",
        "gcp.vertex_ai",
        "gcp.gemini",
        "gcp.gen_ai",
    ],
    "OpenAI": ["openai", "OpenAI", "Open AI", "text-completion-openai", "aiohttp_openai"],
    "Mistral AI": ["mistral", "mistral_ai", "codestral", "text-completion-codestral"],
    "AI21 Labs": ["ai21", "ai21_chat", "AI21 Labs"],
    "Alibaba Cloud": ["dashscope"],
    "Anthropic": ["anthropic"],
    "GitHub": ["github_copilot", "github-copilot", "GitHub Copilot"],
    "xAI": ["x-ai", "x_ai", "xai", "X AI"],
}


def of(shipped, own):
    return Providers(meanings_of(shipped, own))


@pytest.mark.parametrize(
    ("seller", "spelling"), [(name, one) for name, several in OCCURRING.items() for one in several]
)
def test_spellings_that_occur_mean_their_seller(seller, spelling):
    known = of(shipped_providers(), {})

    assert known.key(spelling) == known.key(seller)
    assert [name for name in OCCURRING if known.key(name) == known.key(spelling)] == [seller]


def test_a_name_that_nobody_knows_means_itself():
    known = of(shipped_providers(), {})

    assert known.key("Acme Proxy") == "acmeproxy"
    assert not known.is_known("Acme Proxy")
    assert known.is_known("Amazon Web Services")
    assert known.is_known("azure")


def test_names_are_compared_by_letters_and_figures_and_other_scripts_as_they_are():
    assert spelt("Open AI, Inc.") == spelt("openai inc") != spelt("anthropic")
    assert spelt(" 百度 ") == "百度" != spelt("阿里云")
    assert spelt("") == ""


def test_finance_goes_before_what_comes_with_the_product():
    known = of({"azure": "Microsoft"}, {"azure": "Acme Reselling"})

    assert known.key("AZURE") == "acmereselling"
    assert known.key("Microsoft") == "microsoft"


@pytest.mark.parametrize("spelling", ["azure", "Microsoft"])
def test_who_renames_a_seller_renames_its_spellings(spelling):
    assert of({"azure": "Microsoft"}, {"Microsoft": "Acme Reselling"}).key(spelling) == "acmereselling"


def test_a_name_of_finance_may_mean_a_spelling_that_is_known():
    assert of({"azure": "Microsoft"}, {"our proxy": "azure"}).key("our-proxy") == "microsoft"


def test_no_spelling_means_two_sellers_or_a_spelling_of_another():
    with (settings.BASE_DIR / "fixtures" / "providers.csv").open(newline="") as file:
        rows = [(spelt(row["spelling"]), spelt(row["provider"])) for row in csv.DictReader(file)]

    meanings = dict(rows)
    assert len(meanings) == len(rows)
    assert not [meant for name, meant in rows if meant in meanings or meant == name]


@pytest.mark.django_db
def test_only_names_in_force_under_the_key_or_under_any_count(fiona, now):
    made = add_alias(alias="Proxy", value="azure", tag_key="provider", by=fiona, at=now)
    add_alias(alias="Proxy", value="bedrock", by=fiona, at=now)
    add_alias(alias="Team", value="azure", tag_key="team", by=fiona, at=now)

    before = known_providers()
    retire_alias(alias_id=made.pk, by=fiona, at=now)
    after = known_providers()

    assert (before.key("proxy"), after.key("proxy")) == ("microsoft", "amazonwebservices")
    assert not before.is_known("Team")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["azure", "Vertex AI", "Acme Proxy", " 百度 ", "", "AWS-Bedrock"])
def test_the_database_compares_by_the_same_law(name):
    known = known_providers()

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {KEY.format(name='%(name)s::text')}", {"name": name, "providers": known.as_json})
        assert cursor.fetchone()[0] == known.key(name)
