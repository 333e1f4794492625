from django.db import migrations

KEYS = (
    ("Initiative", "initiative", ["aiinitiative", "initiativeid", "initiativekey"], "attribution"),
    ("Environment", "environment", ["env", "deploymentenvironment"], "environment"),
    ("Cost centre", "costcentre", ["costcenter"], "cost_centre"),
    ("Provider", "provider", [], "provider_name"),
)


def add_keys(apps, schema_editor):
    """Ask at first for what every bill can say; finance asks for more."""
    key = apps.get_model("projects", "TaggingKey")
    key.objects.bulk_create(key(title=title, tag_key=tag, other_keys=others, carrier=carrier) for title, tag, others, carrier in KEYS)


def remove_keys(apps, schema_editor):
    """Take them away again."""
    apps.get_model("projects", "TaggingKey").objects.filter(set_by__isnull=True).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0024_changes_of_rules_and_the_tagging_schema'),
    ]

    operations = [
        migrations.RunPython(add_keys, remove_keys),
    ]
