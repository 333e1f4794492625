"""Which layer a charge belongs to, alone and once an initiative owns it, and how much money each layer gets."""

import csv
import gzip
from decimal import Decimal

import polars as pl
import pytest

from projects.attribution.layers import LAYERS, layer_columns, layer_rules, with_layers
from tests.projects.sources.readers.samples import COSTS, FOCUS, money, read


def layers(**columns):
    """Return the layer of one charge, alone and owned."""
    row = pl.DataFrame([dict.fromkeys(layer_columns()) | columns], schema=dict.fromkeys(layer_columns(), pl.String))
    return with_layers(row).select("layer", "owned_layer").row(0)


def money_of(path, side="owned_layer"):
    """Return the effective cost of each layer of a file."""
    frame = with_layers(read(path)[0])
    return {name: money(part["effective_cost"]) for (name,), part in frame.group_by(side)}


def test_rules_name_known_layers_in_order_and_the_last_are_for_owned_charges():
    rules = layer_rules()

    assert {rule.layer for rule in rules} < set(LAYERS)
    assert rules[-1].owned_only


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"sku_meter": "gpt 4o 0806 Inp regnl Tokens"}, "api_model"),
        ({"sku_meter": "5.4 opt Gl 1M Tokens"}, "api_model"),
        ({"sku_meter": "USE1-Claude4.6Sonnet-input-tokens"}, "api_model"),
        ({"sku_meter": "USW2-MP:USW2_InputTokenCount-Units"}, "api_model"),
        ({"sku_meter": "Provisioned Managed Global Unit"}, "api_model"),
        ({"charge_description": "$3 per million tokens"}, "api_model"),
        ({"charge_description": "Azure OpenAI - gpt 4o - Outp glbl Tokens"}, "api_model"),
        ({"consumed_unit": "1K tokens"}, "api_model"),
        ({"consumed_unit": "1000_tokens"}, "api_model"),
        ({"pricing_unit": "Tokens"}, "api_model"),
        ({"service_name": "Amazon Bedrock"}, "api_model"),
        ({"service_name": "Vertex AI", "charge_description": "Gemini 2.0 Flash Text Input"}, "api_model"),
        ({"service_name": "Vertex AI", "service_category": "AI and Machine Learning"}, "platform"),
        ({"service_name": "Azure AI Search"}, "platform"),
        ({"service_name": "Amazon SageMaker"}, "platform"),
        ({"service_name": "Databricks"}, "platform"),
        ({"service_name": "GitHub Copilot", "model": "Claude Sonnet 4"}, "embedded_saas"),
        ({"service_name": "GitHub Spark", "model": "GPT-5"}, "embedded_saas"),
        ({"service_category": "Business Applications"}, "embedded_saas"),
        ({"pricing_unit": "Token"}, "unclassified"),
        ({"charge_description": "Token Purchase for Period 1 Overage", "pricing_unit": "Token"}, "unclassified"),
        ({"service_name": "Joules Energy Monitor"}, "unclassified"),
        ({}, "unclassified"),
    ],
)
def test_what_a_charge_is_for_decides_its_layer_whoever_owns_it(columns, expected):
    assert layers(**columns) == (expected, expected)


@pytest.mark.parametrize(
    ("columns", "alone", "owned"),
    [
        ({"sku_meter": "USE1-BoxUsage:p5.48xlarge"}, "unclassified", "infrastructure"),
        ({"sku_meter": "BoxUsage:g5.xlarge"}, "unclassified", "infrastructure"),
        ({"sku_meter": "trn1.32xlarge"}, "unclassified", "infrastructure"),
        ({"sku_meter": "NC4as T4 v3"}, "unclassified", "infrastructure"),
        ({"sku_meter": "ND96asr A100 v4"}, "unclassified", "infrastructure"),
        ({"charge_description": "Standard - BM.GPU4.8"}, "unclassified", "infrastructure"),
        ({"charge_description": "A2-highgpu Core", "service_name": "Vertex AI"}, "platform", "infrastructure"),
        ({"service_category": "Compute"}, "unclassified", "infrastructure"),
        ({"service_category": "Security"}, "unclassified", "infrastructure"),
        ({"service_category": "Management and Governance"}, "unclassified", "infrastructure"),
        (
            {"service_category": "Other", "service_name": "Amazon Elastic Container Service"},
            "unclassified",
            "infrastructure",
        ),
        ({"service_subcategory": "Observability"}, "unclassified", "platform"),
        (
            {"service_category": "Management and Governance", "service_name": "AmazonCloudWatch"},
            "unclassified",
            "platform",
        ),
        (
            {
                "service_category": "AI and Machine Learning",
                "service_name": "Azure Machine Learning",
                "charge_description": "Premium SSD Managed Disks - P6 LRS",
            },
            "platform",
            "infrastructure",
        ),
    ],
)
def test_machines_and_what_watches_them_count_once_an_initiative_owns_them(columns, alone, owned):
    assert layers(**columns) == (alone, owned)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (FOCUS / "litellm_focus_servegen_m_small.csv", {"api_model": "5498.401072"}),
        (COSTS / "litellm_spendlogs_code.jsonl.gz", {"api_model": "47.6088950"}),
        (COSTS / "langfuse_traces_trimmed.json", {"api_model": "0.010537449996"}),
        (COSTS / "github_copilot_premium_requests_2025_10.csv.gz", {"embedded_saas": "461.7788000000000001"}),
        (
            FOCUS / "synthetic_1_2_aws_4000.csv.gz",
            {"infrastructure": "20331.92553003817489", "platform": "2981.08471962950252"},
        ),
        (
            FOCUS / "synthetic_1_3_azure_1500.parquet",
            {"infrastructure": "5258.01458058530482", "platform": "12902.24725990591016"},
        ),
        (FOCUS / "focus_1_0_anonymised_real.csv", {"infrastructure": "15.12548009483", "platform": "0"}),
        (COSTS / "azure_ea_cad_anonymised.csv", {"infrastructure": "1.26136926505726"}),
        (FOCUS / "spec_examples" / "simple_saas_agreements_c.csv", {"embedded_saas": "35800"}),
        (FOCUS / "spec_examples" / "virtual_currency_pricing_model_a2.csv", {"unclassified": "1230"}),
        (
            COSTS / "aws_cur_legacy_anonymised.csv.gz",
            {"infrastructure": "1.6823086974", "platform": "0", "unclassified": "0"},
        ),
    ],
)
def test_each_layer_gets_this_money_of_a_file_that_initiatives_own(path, expected):
    assert money_of(path) == {layer: Decimal(sum_) for layer, sum_ in expected.items()}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (FOCUS / "focus_1_0_anonymised_real.csv", {"platform": "-0.00289756681", "unclassified": "15.12837766164"}),
        (FOCUS / "synthetic_1_2_aws_4000.csv.gz", {"unclassified": "23313.01024966767741"}),
    ],
)
def test_machines_that_nobody_owns_are_in_no_layer(path, expected):
    assert money_of(path, "layer") == {layer: Decimal(sum_) for layer, sum_ in expected.items()}


def test_oracle_s_service_codes_have_categories(tmp_path):
    head = (
        "lineItem/intervalUsageStart,lineItem/intervalUsageEnd,product/service,cost/myCost,cost/currencyCode,"
        "product/Description\n"
    )
    codes = ("COMPUTE", "OBJECTSTORE", "TELEMETRY", "GENERATIVE_AI", "SOMETHING_NEW")
    rows = [f"2026-05-01T00:00Z,2026-05-01T01:00Z,{code},1,USD,x\n" for code in codes]
    path = tmp_path / "0001.csv.gz"
    path.write_bytes(gzip.compress((head + "".join(rows)).encode()))

    frame = with_layers(read(path)[0])

    owned = ["infrastructure", "infrastructure", "platform", "platform", "unclassified"]
    assert frame["owned_layer"].to_list() == owned


def test_the_rules_file_has_one_position_a_rule():
    with (COSTS.parent / "cost_layers.csv").open(newline="") as file:
        positions = [int(row["position"]) for row in csv.DictReader(file)]

    assert positions == sorted(set(positions))
