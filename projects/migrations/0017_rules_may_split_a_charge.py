import django.contrib.postgres.constraints
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import projects.common.fields
from django.conf import settings
from django.db import migrations, models


# The one law by which a charge is cut: the share, without what lies beyond six places more than the charge itself has. The
# last share is not asked for: it takes the rest, so that the parts sum to the charge exactly.
SHARE_OF = """
CREATE FUNCTION projects_share_of(amount numeric, weight numeric, whole numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT trim_scale(div(amount * weight * ('1e' || places)::numeric, whole) * ('1e-' || places)::numeric)
    FROM (SELECT min_scale(amount) + 6 AS places) scale
$$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0016_claims_stay_as_declared'),
    ]

    operations = [
        migrations.RunSQL(SHARE_OF, "DROP FUNCTION projects_share_of(numeric, numeric, numeric)"),
        migrations.CreateModel(
            name='RuleShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ordinal', models.PositiveSmallIntegerField()),
                ('percent', projects.common.fields.ExactField(blank=True, null=True)),
            ],
            options={
                'ordering': ('rule', 'ordinal'),
                'abstract': False,
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('percent__isnull', True), models.Q(('percent__gt', 0), ('percent__lt', 100)), _connector='OR'), name='rule_share_is_a_part'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SplitMeasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('ordinal', models.PositiveSmallIntegerField()),
                ('weight', projects.common.fields.ExactField()),
            ],
            options={
                'ordering': ('rule', 'month', 'ordinal'),
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('weight__gt', 0)), name='split_weight_positive'),
                    models.CheckConstraint(condition=models.Q(('month__day', 1)), name='split_month_is_a_first'),
                ],
            },
        ),
        migrations.CreateModel(
            name='TagAlias',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tag_key', models.CharField(blank=True, help_text='As compared; empty means any key.', max_length=200)),
                ('alias', models.CharField(max_length=500)),
                ('value', models.CharField(max_length=500)),
                ('made_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('tag_key', 'alias'),
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('retired_at__isnull', True)), fields=('tag_key', 'alias'), name='alias_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('alias', models.F('value')), _negated=True), models.Q(('alias', ''), _negated=True), models.Q(('value', ''), _negated=True)), name='alias_differs'),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name='attributionrule',
            name='rule_one_version_in_force',
        ),
        migrations.RemoveConstraint(
            model_name='attributionrule',
            name='rule_names_an_initiative',
        ),
        migrations.RemoveConstraint(
            model_name='attributionrule',
            name='rule_names_a_value',
        ),
        migrations.AddField(
            model_name='attributionrule',
            name='basis',
            field=models.CharField(choices=[('whole', 'One initiative'), ('fixed', 'Fixed shares'), ('direct_cost', "In proportion to each one's own cost in the month"), ('tokens', 'By tokens used in the month'), ('calls', 'By calls made in the month')], default='whole', max_length=12),
        ),
        migrations.AddField(
            model_name='attributionrule',
            name='cost_key',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.costkey'),
        ),
        migrations.AddField(
            model_name='reattribution',
            name='initiatives',
            field=models.JSONField(default=list, help_text='By initiative and month, before and after, as text.'),
        ),
        migrations.AlterField(
            model_name='attributionrule',
            name='kind',
            field=models.CharField(choices=[('charge', 'Charges exactly like one, by a person'), ('resource', 'One resource, by a person'), ('initiative_tag', "A tag that holds the initiative's key"), ('tag', 'Tag'), ('resource_prefix', 'Resources that begin with'), ('sub_account', 'Sub-account'), ('cost_centre', 'Cost centre'), ('billing_account', 'Billing account or API key'), ('service', 'Service or model')], max_length=16),
        ),
        migrations.AddConstraint(
            model_name='attributionrule',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('retired_at__isnull', True)), expressions=[('number', '='), (models.Func('starts_on', 'ends_on', function='daterange'), '&&')], name='rule_one_version_a_day'),
        ),
        migrations.AddConstraint(
            model_name='attributionrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('basis', 'whole'), ('initiative__isnull', True), ('kind', 'initiative_tag')), models.Q(models.Q(('kind', 'initiative_tag'), _negated=True), ('basis', 'whole'), ('initiative__isnull', False)), models.Q(models.Q(('kind', 'initiative_tag'), _negated=True), models.Q(('basis', 'whole'), _negated=True), ('initiative__isnull', True)), _connector='OR'), name='rule_names_who_receives'),
        ),
        migrations.AddConstraint(
            model_name='attributionrule',
            constraint=models.CheckConstraint(condition=models.Q(('basis__in', ['whole', 'fixed', 'direct_cost', 'tokens', 'calls'])), name='rule_basis_known'),
        ),
        migrations.AddConstraint(
            model_name='attributionrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cost_key__isnull', False), ('kind', 'charge')), models.Q(models.Q(('kind', 'charge'), _negated=True), ('cost_key__isnull', True)), _connector='OR'), name='rule_names_a_charge'),
        ),
        migrations.AddConstraint(
            model_name='attributionrule',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['initiative_tag', 'charge']), models.Q(models.Q(('value', ''), _negated=True), models.Q(('value__regex', '^\\s*$'), _negated=True)), _connector='OR'), name='rule_names_a_value'),
        ),
        migrations.AddField(
            model_name='ruleshare',
            name='initiative',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.initiative'),
        ),
        migrations.AddField(
            model_name='ruleshare',
            name='rule',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='projects.attributionrule'),
        ),
        migrations.AddField(
            model_name='splitmeasure',
            name='initiative',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.initiative'),
        ),
        migrations.AddField(
            model_name='splitmeasure',
            name='rule',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='measures', to='projects.attributionrule'),
        ),
        migrations.AddField(
            model_name='tagalias',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='tagalias',
            name='retired_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='ruleshare',
            constraint=models.UniqueConstraint(fields=('rule', 'ordinal'), name='rule_share_once'),
        ),
        migrations.AddConstraint(
            model_name='ruleshare',
            constraint=models.UniqueConstraint(fields=('rule', 'initiative'), name='rule_shares_an_initiative_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ruleshare',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='58106e20c32235e535cc776cd8c2780559406b12', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_10c04', table='projects_ruleshare', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ruleshare',
            trigger=pgtrigger.compiler.Trigger(name='never_truncated', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot truncate %: it only grows', TG_TABLE_NAME;", hash='ba19892266176c3f4b6064c5e9fdcc7be23c443b', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_never_truncated_9d89c', table='projects_ruleshare', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='splitmeasure',
            constraint=models.UniqueConstraint(fields=('rule', 'month', 'ordinal'), name='split_measured_once'),
        ),
        migrations.AddConstraint(
            model_name='tagalias',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('retired_at__isnull', True), ('retired_by__isnull', True)), models.Q(('retired_at__isnull', False), ('retired_by__isnull', False)), _connector='OR'), name='alias_retired_whole'),
        ),
    ]
