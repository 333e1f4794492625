import django.db.models.deletion
import projects.common.fields
from django.db import migrations, models

# Amounts are numeric without limit; the checks keep out infinity and, being larger than it, "not a number".
TABLE = """
CREATE TABLE projects_spendfact (
    billing_month date NOT NULL,
    part_id bigint NOT NULL,
    row_number bigint NOT NULL,
    share smallint NOT NULL DEFAULT 0,
    charge_on date NOT NULL,
    cost_key_id bigint NOT NULL,
    initiative_id bigint,
    rule_id bigint,
    currency varchar(3) NOT NULL,
    billed_cost numeric NOT NULL,
    effective_cost numeric NOT NULL,
    CONSTRAINT spend_fact_billed_finite CHECK (billed_cost < 'Infinity' AND billed_cost > '-Infinity'),
    CONSTRAINT spend_fact_effective_finite CHECK (effective_cost < 'Infinity' AND effective_cost > '-Infinity'),
    CONSTRAINT spend_fact_day_sane CHECK (charge_on >= '2000-01-01' AND charge_on < '2101-01-01')
) PARTITION BY RANGE (billing_month);
CREATE INDEX fact_initiative_day ON projects_spendfact (initiative_id, charge_on);
CREATE INDEX fact_part ON projects_spendfact USING brin (part_id) WITH (pages_per_range = 16, autosummarize = on);
"""

# The application may not make tables; this function, which runs as its owner, makes exactly one kind of them. A table made
# apart and then attached does not stop readers, as PARTITION OF would.
OPEN_MONTH = """
CREATE FUNCTION projects_open_month(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    name text := 'projects_spendfact_' || to_char(month, 'YYYYMM');
BEGIN
    IF month <> date_trunc('month', month)::date OR month < '2000-01-01' OR month >= '2101-01-01' THEN
        RAISE EXCEPTION '% is not the first of a month between 2000 and 2100', month;
    END IF;
    IF to_regclass('public.' || name) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('projects_open_month'));
    IF to_regclass('public.' || name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.projects_spendfact INCLUDING ALL)', name);
    EXECUTE format(
        'ALTER TABLE public.projects_spendfact ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        name, month, (month + interval '1 month')::date
    );
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0006_sources_attribution_and_spend'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLE, "DROP TABLE projects_spendfact"),
                migrations.RunSQL(OPEN_MONTH, "DROP FUNCTION projects_open_month(date)"),
            ],
            state_operations=[
                migrations.CreateModel(
                    name='SpendFact',
                    fields=[
                        ('pk', models.CompositePrimaryKey('part_id', 'row_number', 'share', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('billing_month', models.DateField()),
                        ('row_number', models.BigIntegerField(help_text='Line of the record in the file.')),
                        ('share', models.SmallIntegerField(default=0, help_text='Above zero where a rule splits the charge.')),
                        ('charge_on', models.DateField(help_text="UTC day of the charge period's start.")),
                        ('currency', models.CharField(max_length=3)),
                        ('billed_cost', projects.common.fields.ExactField()),
                        ('effective_cost', projects.common.fields.ExactField()),
                        ('cost_key', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='projects.costkey')),
                        ('initiative', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='projects.initiative')),
                        ('part', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='projects.deliverypart')),
                        ('rule', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='projects.attributionrule')),
                    ],
                ),
                migrations.AddIndex(
                    model_name='spendfact',
                    index=models.Index(fields=['initiative', 'charge_on'], name='fact_initiative_day'),
                ),
            ],
        ),
    ]
