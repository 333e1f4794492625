from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0033_rules_may_split_by_gateway_detail'),
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
