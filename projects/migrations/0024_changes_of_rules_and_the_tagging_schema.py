import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0023_wallets_and_unused_commitments'),
    ]

    operations = [
        migrations.CreateModel(
            name='TaggingKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=80)),
                ('tag_key', models.CharField(help_text='As compared: lower case, no hyphens or spaces.', max_length=200)),
                ('other_keys', models.JSONField(default=list, help_text='Other tags that carry it, as compared.')),
                ('carrier', models.CharField(choices=[('tag', 'A tag only'), ('attribution', 'A tag, or the rule that gives the charge to an initiative'), ('provider_name', "A tag, or the provider's name"), ('service_name', "A tag, or the service's name"), ('model', "A tag, or the model's name"), ('cost_centre', 'A tag, or the cost centre'), ('environment', 'A tag, or the environment'), ('sub_account_name', "A tag, or the sub-account's name"), ('billing_account_name', "A tag, or the billing account's name")], default='tag', max_length=24)),
                ('allowed', models.JSONField(default=list, help_text='Lower case; empty means any value.')),
                ('set_at', models.DateTimeField(null=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('exempt', models.ManyToManyField(blank=True, related_name='+', to='projects.source')),
                ('retired_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('pk',),
            },
        ),
        migrations.CreateModel(
            name='RuleChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(choices=[('make', 'New rule'), ('change', 'Change'), ('end', 'End'), ('retire', 'Undo'), ('move', 'New place')], max_length=8)),
                ('asked', models.JSONField(default=dict, help_text='The draft as it was asked for.')),
                ('words', models.CharField(help_text='The change in one sentence.', max_length=700)),
                ('figures', models.JSONField(default=dict, help_text='What the dry run found, exact sums as text.')),
                ('needs_second', models.BooleanField(default=False, help_text='Money of a closed month would move.')),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('kept', 'Kept'), ('withdrawn', 'Withdrawn')], default='proposed', max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('kept_at', models.DateTimeField(blank=True, null=True)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('kept_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_rule', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.attributionrule')),
                ('rule', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.attributionrule')),
            ],
            options={
                'ordering': ('-pk',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kept_at__isnull', False), ('kept_by__isnull', False), ('state', 'kept')), models.Q(models.Q(('state', 'kept'), _negated=True), ('kept_at__isnull', True), ('kept_by__isnull', True)), _connector='OR'), name='rule_change_kept_whole'), models.CheckConstraint(condition=models.Q(('needs_second', False), ('kept_by__isnull', True), models.Q(('kept_by', models.F('asked_by')), _negated=True), _connector='OR'), name='rule_change_kept_by_two')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rulechange',
            trigger=pgtrigger.compiler.Trigger(name='state_starts', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF NOT (NEW.state = 'proposed') THEN RAISE EXCEPTION 'A row of % cannot begin with state %', TG_TABLE_NAME, NEW.state; END IF; RETURN NEW;", hash='6fad75404e2d0dcd392e9c08e2978bf22d31097a', operation='INSERT', pgid='pgtrigger_state_starts_65ccf', table='projects_rulechange', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rulechange',
            trigger=pgtrigger.compiler.Trigger(name='state_moves', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{proposed:kept,proposed:withdrawn}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='a195820b33518bb9f80b3f573d7b160dbbc6c56e', operation='UPDATE', pgid='pgtrigger_state_moves_b2a0f', table='projects_rulechange', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='taggingkey',
            constraint=models.UniqueConstraint(condition=models.Q(('retired_at__isnull', True)), fields=('tag_key',), name='tagging_key_once'),
        ),
        migrations.AddConstraint(
            model_name='taggingkey',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('tag_key', ''), _negated=True), models.Q(('title', ''), _negated=True)), name='tagging_key_named'),
        ),
        migrations.AddConstraint(
            model_name='taggingkey',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('retired_at__isnull', True), ('retired_by__isnull', True)), models.Q(('retired_at__isnull', False), ('retired_by__isnull', False)), _connector='OR'), name='tagging_key_retired_whole'),
        ),
    ]
