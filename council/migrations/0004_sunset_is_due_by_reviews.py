from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('council', '0003_packs'),
    ]

    operations = [
        migrations.AlterField(
            model_name='escalation',
            name='rule',
            field=models.CharField(choices=[('over_budget', 'Over approved budget'), ('tranche_overspent', 'Tranche overspent'), ('unfunded_spend', 'Unfunded spend'), ('missed_milestones', 'Missed milestones'), ('quality_failed', 'Failed quality gate'), ('forecast_over', 'Forecast over budget'), ('no_data', 'No cost data'), ('sunset', 'Sunset due')], max_length=20),
        ),
    ]
