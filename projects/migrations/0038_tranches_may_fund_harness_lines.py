from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0037_facts_are_found_by_ranges'),
    ]

    operations = [
        migrations.AddField(
            model_name='fundingrequest',
            name='funds_harness',
            field=models.BooleanField(default=False, help_text='Part of the ask is for harness lines.'),
        ),
        migrations.AddField(
            model_name='tranche',
            name='funds_harness',
            field=models.BooleanField(default=False, help_text='Pays for harness lines of its days, too.'),
        ),
    ]
