import django.db.models.deletion
import projects.common.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0032_api_tokens_and_kept_answers'),
    ]

    operations = [
        migrations.CreateModel(
            name='DetailCover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('provider', models.TextField(blank=True, help_text='As the bill writes it; empty where the rule takes several.')),
                ('billed', projects.common.fields.ExactField(help_text='Effective cost of what the rule takes.')),
                ('logged', projects.common.fields.ExactField(blank=True, help_text='What the log says it cost; empty where it names no cost.', null=True)),
                ('covered', projects.common.fields.ExactField(help_text='Of the bill, what has detail: never more than the bill.')),
            ],
            options={
                'ordering': ('-month', 'rule', 'currency'),
            },
        ),
        migrations.RemoveConstraint(
            model_name='attributionrule',
            name='rule_basis_known',
        ),
        migrations.RemoveConstraint(
            model_name='usageday',
            name='usage_day_once',
        ),
        migrations.AddField(
            model_name='attributionrule',
            name='detail',
            field=models.ForeignKey(blank=True, help_text='The log that splits what the rule takes.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='splits', to='projects.source'),
        ),
        migrations.AddField(
            model_name='attributionrule',
            name='detail_account',
            field=models.CharField(blank=True, choices=[('', 'Accounts need not agree'), ('sub_account', 'The same sub-account, project or workspace'), ('api_key', 'The same API key')], default='', max_length=12),
        ),
        migrations.AddField(
            model_name='attributionrule',
            name='detail_by_model',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='attributionrule',
            name='detail_by_month',
            field=models.BooleanField(default=False, help_text='Else day by day.'),
        ),
        migrations.AddField(
            model_name='attributionrule',
            name='detail_provider',
            field=models.CharField(blank=True, help_text='As the log writes it, with * for any text; empty means all of the log.', max_length=200),
        ),
        migrations.AddField(
            model_name='usageday',
            name='is_shared',
            field=models.BooleanField(default=False, help_text='Divided: its shares count in its place.'),
        ),
        migrations.AddField(
            model_name='usageday',
            name='shared_of',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='projects.usageday'),
        ),
        migrations.AlterField(
            model_name='attributionrule',
            name='basis',
            field=models.CharField(choices=[('whole', 'One initiative'), ('fixed', 'Fixed shares'), ('direct_cost', "In proportion to each one's own cost in the month"), ('tokens', 'By tokens used in the month'), ('calls', 'By calls made in the month'), ('detail', 'By gateway detail')], default='whole', max_length=12),
        ),
        migrations.AddConstraint(
            model_name='attributionrule',
            constraint=models.CheckConstraint(condition=models.Q(('basis__in', ['whole', 'fixed', 'direct_cost', 'tokens', 'calls', 'detail'])), name='rule_basis_known'),
        ),
        migrations.AddConstraint(
            model_name='attributionrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('basis', 'detail'), ('detail__isnull', False), ('source__isnull', False), models.Q(('detail', models.F('source')), _negated=True)), models.Q(models.Q(('basis', 'detail'), _negated=True), ('detail__isnull', True), ('detail_account', ''), ('detail_by_model', False), ('detail_by_month', False), ('detail_provider', '')), _connector='OR'), name='rule_names_its_detail'),
        ),
        migrations.AddConstraint(
            model_name='usageday',
            constraint=models.UniqueConstraint(fields=('part', 'initiative', 'cost_key', 'provider', 'model', 'version', 'day', 'currency', 'shared_of'), name='usage_day_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='usageday',
            constraint=models.CheckConstraint(condition=models.Q(('is_shared', False), models.Q(('initiative__isnull', True), ('shared_of__isnull', True)), _connector='OR'), name='usage_shared_is_nobodys'),
        ),
        migrations.AddField(
            model_name='detailcover',
            name='rule',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='covers', to='projects.attributionrule'),
        ),
        migrations.AddConstraint(
            model_name='detailcover',
            constraint=models.UniqueConstraint(fields=('rule', 'month', 'currency'), name='detail_covered_once'),
        ),
        migrations.AddConstraint(
            model_name='detailcover',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='detail_month_is_a_first'),
        ),
        migrations.AddConstraint(
            model_name='detailcover',
            constraint=models.CheckConstraint(condition=models.Q(('covered__gte', 0)), name='detail_covers_no_debt'),
        ),
        # On the way back, shares of usage go before what tells them apart.
        migrations.RunSQL(
            migrations.RunSQL.noop,
            "SET CONSTRAINTS ALL IMMEDIATE; DELETE FROM projects_usageday WHERE shared_of_id IS NOT NULL",
        ),
    ]
