"""What charges are for, by the rules that come with the product and by those of finance, and how much money each purpose gets."""

import json
from decimal import Decimal

import pytest
from django.db import connection

from projects.attribution.models import Purpose
from projects.attribution.purposes import COLUMNS, TAG, purposes_statement, shipped_rules
from tests.projects.spend.samples import COSTS, FOCUS, take_in_as_bill, totals

pytestmark = pytest.mark.django_db
_NO_TEXT = ", ".join(f"NULL::text AS {name}" for name in ("resource_id", "api_key_id", "sub_account_id"))


def purposes_of(*keys):
    """Return the purpose of keys that have these columns; what begins with tag: is a tag."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS wanted")
        cursor.execute(
            f"CREATE TEMPORARY TABLE wanted (id bigint, tag_index jsonb, {', '.join(f'{name} text' for name in COLUMNS)})"
        )
        for number, key in enumerate(keys):
            tags = {name.removeprefix(TAG): text for name, text in key.items() if name.startswith(TAG)}
            named = {name: text for name, text in key.items() if not name.startswith(TAG)}
            columns = ["id", "tag_index", *named]
            cursor.execute(
                f"INSERT INTO wanted ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})",
                [number, json.dumps(tags), *named.values()],
            )
        relation = (
            f"(SELECT w.*, 1::bigint AS source_id, {_NO_TEXT}, NULL::text AS billing_account_id, "
            "NULL::text AS cost_centre FROM wanted w)"
        )
        statement, parameters = purposes_statement(relation)
        cursor.execute(f"SELECT purpose FROM ({statement}) p ORDER BY id", parameters)
        return [row[0] for row in cursor.fetchall()]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def test_shipped_rules_name_known_purposes_and_columns_and_have_one_position_each():
    rules = shipped_rules()
    positions = [rule["position"] for rule in rules]

    assert {rule["purpose"] for rule in rules} == set(Purpose.values) - {"unclassified"}
    assert {name for rule in rules for name in rule["columns"] if not name.startswith(TAG)} < set(COLUMNS)
    assert positions == sorted(set(positions))


CASES = [
    ({"sku_meter": "gpt 4.1 mini dev ft training glbl Tokens"}, "fine_tuning"),
    ({"sku_meter": "gpt-4o-mini-0718-FT-Trng-regnl Unit"}, "fine_tuning"),
    ({"sku_meter": "3.3 70b FT DZ Tokens"}, "fine_tuning"),
    ({"sku_meter": "Ministral 3bFTregnl Tokens"}, "fine_tuning"),
    ({"sku_meter": "o4 mini dev RFT Training glb Unit"}, "fine_tuning"),
    ({"sku_meter": "o4-mini-ft model grader input Tokens"}, "fine_tuning"),
    ({"sku_meter": "o3-ft mdl grdr opt Tokens"}, "fine_tuning"),
    ({"sku_meter": "gpt-4o-mini-2024-07-18, training"}, "fine_tuning"),
    ({"sku_meter": "USE1-TitanText-Customization-Training"}, "fine_tuning"),
    ({"resource_type": "model-customization-job"}, "fine_tuning"),
    ({"sku_meter": "gpt-4o-mini-0718-FT-Hstng-regnl Unit"}, "inference"),
    ({"sku_meter": "4.1 ft hosting Dz Unit"}, "inference"),
    ({"sku_meter": "3.3 70b FT DZ Deployment Hosting Unit"}, "inference"),
    ({"sku_meter": "3.3 70b Inp FT DZ Tokens"}, "inference"),
    ({"sku_meter": "gpt 4o mini dev ft cchd inpt glbl Tokens"}, "inference"),
    ({"sku_meter": "Llama3.3-Out-FT Tokens"}, "inference"),
    ({"sku_meter": "ft:gpt-4o-mini-2024-07-18, input", "model": "ft:gpt-4o-mini-2024-07-18"}, "inference"),
    ({"sku_meter": "5.4 Batch inp Gl 1M Tokens"}, "inference"),
    ({"sku_meter": "Provisioned Managed Global Unit"}, "inference"),
    ({"sku_meter": "USE1-Claude4.6Sonnet-input-tokens"}, "inference"),
    ({"sku_meter": "USW2-MP:USW2_InputTokenCount-Units"}, "inference"),
    ({"sku_meter": "USE1-Host:ml.g5.xlarge"}, "inference"),
    ({"sku_meter": "file-search-tool-calls-glbl Calls"}, "inference"),
    ({"service_name": "gpt-4o", "model": "gpt-4o"}, "inference"),
    ({"resource_type": "endpoint", "service_name": "Amazon SageMaker"}, "inference"),
    ({"sku_meter": "USE1-Train:ml.p4d.24xlarge"}, "training"),
    ({"sku_meter": "ml.p5.48xlarge HyperPod"}, "training"),
    ({"resource_type": "training-job"}, "training"),
    ({"service_name": "Vertex AI Training"}, "training"),
    ({"sku_meter": "USE1-Bedrock-Model-Evaluation"}, "evaluation"),
    ({"sku_meter": "evals, input"}, "evaluation"),
    ({"sku_meter": "text-embedding-3-large-grader Tokens"}, "evaluation"),
    ({"service_name": "Evaluation"}, "evaluation"),
    ({"environment": "sandbox", "service_name": "Amazon EC2"}, "experiment"),
    ({"environment": "dev", "sku_meter": "gpt 4o Inp glbl Tokens"}, "experiment"),
    ({"environment": "dev", "sku_meter": "USE1-Train:ml.p4d.24xlarge"}, "training"),
    ({"sku_meter": "USE1-Notebk:ml.t3.medium", "resource_type": "notebook-instance"}, "experiment"),
    ({"sku_meter": "USE1-Studio:KernelGateway-ml.t3.medium"}, "experiment"),
    ({"sub_account_name": "data-science-sandbox"}, "experiment"),
    ({"service_name": "LiteLLM gateway"}, "shared"),
    ({"service_name": "AmazonCloudWatch"}, "shared"),
    ({"service_subcategory": "Observability"}, "shared"),
    ({"service_name": "AWS Support (Business)"}, "shared"),
    ({"tag:purpose": "Fine-Tuning", "sku_meter": "USE1-BoxUsage:p5.48xlarge"}, "fine_tuning"),
    ({"tag:workload": "inference", "environment": "dev"}, "inference"),
    ({"tag:workloadtype": "evaluation", "sku_meter": "gpt 4o Inp glbl Tokens"}, "evaluation"),
    ({"tag:workload": "claims", "service_name": "Amazon EC2"}, "unclassified"),
    ({"environment": "test", "service_name": "Amazon EC2"}, "unclassified"),
    ({"service_name": "Virtual Network", "sku_meter": "Standard Private Endpoint"}, "unclassified"),
    ({"sku_meter": "Standard Throughput Unit", "service_name": "Event Hubs"}, "unclassified"),
    ({"service_name": "AWS Config", "sku_meter": "USE1-ConfigRuleEvaluations"}, "unclassified"),
    ({"service_name": "ACMECORP SERVICE", "resource_type": "Token Allocation"}, "unclassified"),
    ({"service_name": "GitHub Copilot"}, "unclassified"),
    ({"sku_meter": "Premium SSD left over"}, "unclassified"),
    ({"service_name": "Amazon Bedrock", "service_subcategory": "Generative AI"}, "unclassified"),
    ({}, "unclassified"),
]


def test_what_a_charge_s_words_say_decides_its_purpose():
    told = purposes_of(*(key for key, _ in CASES))

    wrong = [(key, said) for (key, meant), said in zip(CASES, told, strict=True) if said != meant]
    assert wrong == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (FOCUS / "litellm_focus_servegen_m_small.csv", {"inference": "5498.401072"}),
        (COSTS / "litellm_spendlogs_code.jsonl.gz", {"inference": "47.6088950"}),
        (COSTS / "langfuse_traces_trimmed.json", {"inference": "0.010537449996"}),
        (COSTS / "github_copilot_premium_requests_2025_10.csv.gz", {"inference": "461.7788000000000001"}),
        (
            FOCUS / "synthetic_1_2_aws_100.csv",
            {
                "experiment": "190.51618729747856",
                "shared": "61.58603727915695",
                "unclassified": "151.35699419549773",
            },
        ),
        (
            FOCUS / "focus_1_0_anonymised_real.csv",
            {"experiment": "16", "shared": "0", "unclassified": "-0.87451990517"},
        ),
        (COSTS / "azure_ea_cad_anonymised.csv", {"unclassified": "1.26136926505726"}),
    ],
)
def test_each_purpose_gets_this_money_of_a_file_and_all_together_the_whole_of_it(path, expected):
    take_in_as_bill(path, "cloud")
    groups, whole = totals("--by", "purpose")

    assert {name: effective for name, (_, _, effective) in groups.items()} == {
        name: Decimal(amount) for name, amount in expected.items()
    }
    assert sum(effective for _, _, effective in groups.values()) == sum(money for _, _, money in whole.values())
