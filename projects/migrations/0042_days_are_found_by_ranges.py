import django.contrib.postgres.indexes
from django.db import migrations


# Days of a delivery lie together, month after month: ranges of pages find the last weeks of everybody, and cost a load nothing.
class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0041_charges_have_a_purpose'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='spendday',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['charge_on'], name='spend_day_ranges', pages_per_range=32),
        ),
    ]
