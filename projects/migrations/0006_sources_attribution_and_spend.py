import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
import projects.common.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0005_money_and_milestones'),
    ]

    operations = [
        migrations.CreateModel(
            name='CostGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.UUIDField()),
                ('provider_name', models.TextField(null=True)),
                ('service_name', models.TextField(null=True)),
                ('service_category', models.TextField(null=True)),
                ('service_subcategory', models.TextField(null=True)),
                ('billing_account_id', models.TextField(null=True)),
                ('billing_account_name', models.TextField(null=True)),
                ('sub_account_id', models.TextField(null=True)),
                ('sub_account_name', models.TextField(null=True)),
                ('charge_category', models.TextField(null=True)),
                ('charge_class', models.TextField(null=True)),
                ('charge_frequency', models.TextField(null=True)),
                ('region_id', models.TextField(null=True)),
                ('model', models.TextField(null=True)),
                ('cost_centre', models.TextField(null=True)),
                ('environment', models.TextField(null=True)),
                ('layer', models.CharField(help_text='Of a charge that nobody owns.', max_length=14)),
                ('owned_layer', models.CharField(help_text='Of a charge that belongs to an initiative.', max_length=14)),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=12, unique=True)),
                ('kind', models.CharField(max_length=40)),
                ('version', models.CharField(blank=True, max_length=20)),
                ('title', models.CharField(max_length=200)),
                ('file_name', models.CharField(max_length=300)),
                ('file_sha256', models.CharField(max_length=64)),
                ('file_bytes', models.BigIntegerField()),
                ('fingerprint', models.CharField(help_text='Of the rows: the same file renamed or packed again has it.', max_length=64)),
                ('mapping', models.JSONField(default=dict)),
                ('rows', models.BigIntegerField()),
                ('accepted', models.BigIntegerField()),
                ('refused', models.BigIntegerField(default=0)),
                ('totals', models.JSONField(default=dict, help_text='Exact sums as text, by currency.')),
                ('notes', models.JSONField(default=list)),
                ('moved', models.JSONField(default=list, help_text='What a restatement changed, by initiative and month.')),
                ('evidence', models.CharField(help_text='Folder under the media root.', max_length=200)),
                ('evidence_sha256', models.CharField(max_length=64)),
                ('imported_at', models.DateTimeField()),
                ('imported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('rows', django.db.models.expressions.CombinedExpression(models.F('accepted'), '+', models.F('refused')))), name='delivery_rows_add_up'),
                    models.CheckConstraint(condition=models.Q(('key__regex', '^DL-[0-9]{4,}$')), name='delivery_key_form'),
                ],
                'indexes': [
                    models.Index(fields=['file_sha256'], name='delivery_file'),
                    models.Index(fields=['fingerprint'], name='delivery_fingerprint'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('role', models.CharField(choices=[('fact', 'Fact: a bill'), ('detail', 'Detail: a log of money that a bill has too')], max_length=6)),
                ('scope', models.CharField(choices=[('account_period', 'Each billing account and billing period'), ('period', 'Each billing period')], max_length=14)),
                ('lag_days', models.PositiveSmallIntegerField(default=3, help_text="Days until a day's charges are complete.")),
                ('rhythm_days', models.PositiveSmallIntegerField(default=31, help_text='Days between two deliveries.')),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('name',),
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='source_named'),
                    models.CheckConstraint(condition=models.Q(('role__in', ['fact', 'detail'])), name='source_role_known'),
                    models.CheckConstraint(condition=models.Q(('scope__in', ['account_period', 'period'])), name='source_scope_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DeliveryPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('billing_account_id', models.TextField(blank=True)),
                ('billing_period_start', models.DateField()),
                ('number', models.PositiveIntegerField()),
                ('rows', models.BigIntegerField()),
                ('totals', models.JSONField(default=dict, help_text='Exact sums as text, by currency.')),
                ('first_day', models.DateField()),
                ('last_day', models.DateField()),
                ('is_current', models.BooleanField(default=True)),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='projects.delivery')),
                ('superseded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supersedes', to='projects.deliverypart')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='projects.source')),
            ],
            options={
                'ordering': ('delivery_id', 'number'),
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('source', 'billing_account_id', 'billing_period_start'), name='one_current_part'),
                    models.UniqueConstraint(fields=('delivery', 'number'), name='part_number_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('is_current', True), ('superseded_by__isnull', True)), models.Q(('is_current', False), ('superseded_by__isnull', False)), _connector='OR'), name='part_superseded_whole'),
                ],
            },
        ),
        migrations.AddField(
            model_name='delivery',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='projects.source'),
        ),
        migrations.CreateModel(
            name='CostKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.UUIDField()),
                ('resource_id', models.TextField(null=True)),
                ('resource_type', models.TextField(null=True)),
                ('api_key_id', models.TextField(null=True)),
                ('sku_meter', models.TextField(null=True)),
                ('tags', models.JSONField(help_text='As delivered.', null=True)),
                ('tag_index', models.JSONField(default=dict, help_text='The same with comparable keys.')),
                ('group', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='projects.costgroup')),
                ('source', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.source')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('source', 'digest'), name='cost_key_once'),
                ],
            },
        ),
        migrations.AddField(
            model_name='costgroup',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.source'),
        ),
        migrations.CreateModel(
            name='AttributionRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(help_text='Spoken as rule 12; versions share it.')),
                ('version', models.PositiveIntegerField(default=1)),
                ('kind', models.CharField(choices=[('resource', 'One resource, by a person'), ('initiative_tag', "A tag that holds the initiative's key"), ('tag', 'Tag'), ('resource_prefix', 'Resources that begin with'), ('sub_account', 'Sub-account'), ('cost_centre', 'Cost centre'), ('billing_account', 'Billing account or API key'), ('service', 'Service or model')], max_length=16)),
                ('position', models.PositiveIntegerField(help_text='The lowest that matches wins.')),
                ('tag_key', models.CharField(blank=True, help_text='As compared: lower case, no hyphens or spaces.', max_length=200)),
                ('value', models.CharField(blank=True, help_text='For services a pattern with * for any text.', max_length=500)),
                ('starts_on', models.DateField(blank=True, help_text='First charge day; empty means always.', null=True)),
                ('ends_on', models.DateField(blank=True, help_text='First charge day that is no longer taken.', null=True)),
                ('note', models.TextField(blank=True)),
                ('made_at', models.DateTimeField(null=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('initiative', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attribution_rules', to='projects.initiative')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('retired_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.source')),
            ],
            options={
                'ordering': ('position', 'number', 'version'),
                'constraints': [
                    models.UniqueConstraint(fields=('number', 'version'), name='rule_version_once'),
                    models.UniqueConstraint(condition=models.Q(('retired_at__isnull', True)), fields=('number',), name='rule_one_version_in_force'),
                    models.CheckConstraint(condition=models.Q(models.Q(('retired_at__isnull', True), ('retired_by__isnull', True)), models.Q(('retired_at__isnull', False), ('retired_by__isnull', False)), _connector='OR'), name='rule_retired_whole'),
                    models.CheckConstraint(condition=models.Q(('starts_on__isnull', True), ('ends_on__isnull', True), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='rule_days_in_order'),
                    models.CheckConstraint(condition=models.Q(models.Q(('initiative__isnull', True), ('kind', 'initiative_tag')), models.Q(models.Q(('kind', 'initiative_tag'), _negated=True), ('initiative__isnull', False)), _connector='OR'), name='rule_names_an_initiative'),
                    models.CheckConstraint(condition=models.Q(('kind', 'initiative_tag'), models.Q(models.Q(('value', ''), _negated=True), models.Q(('value__regex', '^\\s*$'), _negated=True)), _connector='OR'), name='rule_names_a_value'),
                    models.CheckConstraint(condition=models.Q(models.Q(('kind', 'tag'), models.Q(('tag_key', ''), _negated=True)), models.Q(models.Q(('kind', 'tag'), _negated=True), ('tag_key', '')), _connector='OR'), name='rule_tag_has_a_key'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SpendDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('charge_on', models.DateField()),
                ('rows', models.BigIntegerField()),
                ('billed_cost', projects.common.fields.ExactField()),
                ('effective_cost', projects.common.fields.ExactField()),
                ('group', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='projects.costgroup')),
                ('initiative', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='projects.initiative')),
                ('part', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='projects.deliverypart')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('part', 'group', 'charge_on', 'initiative', 'currency'), name='spend_day_once', nulls_distinct=False),
                ],
                'indexes': [
                    models.Index(fields=['initiative', 'charge_on'], name='spend_day_initiative'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SpendMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('month', models.DateField()),
                ('rows', models.BigIntegerField()),
                ('billed_cost', projects.common.fields.ExactField()),
                ('effective_cost', projects.common.fields.ExactField()),
                ('group', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='projects.costgroup')),
                ('initiative', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='projects.initiative')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('group', 'month', 'initiative', 'currency'), name='spend_month_once', nulls_distinct=False),
                ],
                'indexes': [
                    models.Index(fields=['initiative', 'month'], name='spend_month_initiative'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ClosedPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('closed_at', models.DateTimeField()),
                ('reopened_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True)),
                ('closed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reopen_confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reopened_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-month',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('reopened_at__isnull', True)), fields=('month',), name='month_closed_once'), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='closed_month_is_a_first'), models.CheckConstraint(condition=models.Q(models.Q(('reopen_confirmed_by__isnull', True), ('reopened_at__isnull', True), ('reopened_by__isnull', True)), models.Q(('reopen_confirmed_by__isnull', False), ('reopened_at__isnull', False), ('reopened_by__isnull', False), models.Q(('reopened_by', models.F('reopen_confirmed_by')), _negated=True)), _connector='OR'), name='reopened_by_two')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deliverypart',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='a7855993dc3d9b6cb1c4c3be79410a00960f1692', operation='DELETE', pgid='pgtrigger_never_deleted_588a2', table='projects_deliverypart', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deliverypart',
            trigger=pgtrigger.compiler.Trigger(name='figures_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."delivery_id" IS DISTINCT FROM (NEW."delivery_id") OR OLD."source_id" IS DISTINCT FROM (NEW."source_id") OR OLD."billing_account_id" IS DISTINCT FROM (NEW."billing_account_id") OR OLD."billing_period_start" IS DISTINCT FROM (NEW."billing_period_start") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."rows" IS DISTINCT FROM (NEW."rows") OR OLD."totals" IS DISTINCT FROM (NEW."totals") OR OLD."first_day" IS DISTINCT FROM (NEW."first_day") OR OLD."last_day" IS DISTINCT FROM (NEW."last_day"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='430495950d8f458f807329ddcdd97739cc6dadbc', operation='UPDATE', pgid='pgtrigger_figures_fixed_67205', table='projects_deliverypart', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4f2d73430f0b157a6fff222c01051181f5193ed2', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_2c6a9', table='projects_delivery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='never_truncated', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot truncate %: it only grows', TG_TABLE_NAME;", hash='2b7a444b21e4f02ebd552f8a0948a1746d861c99', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_never_truncated_75279', table='projects_delivery', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='costgroup',
            constraint=models.UniqueConstraint(fields=('source', 'digest'), name='cost_group_once'),
        ),
    ]
