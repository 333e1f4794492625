from django.db import migrations


def add_rule(apps, schema_editor):
    """Let a tag that holds an initiative's key say whose the charge is, before any rule that a person makes."""
    apps.get_model("projects", "AttributionRule").objects.create(
        number=1, version=1, kind="initiative_tag", position=2000, note="Stands in every organisation."
    )


def remove_rule(apps, schema_editor):
    """Take it away again."""
    apps.get_model("projects", "AttributionRule").objects.filter(kind="initiative_tag").delete()


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0007_spend_facts_by_month'),
    ]

    operations = [
        migrations.RunPython(add_rule, remove_rule),
    ]
