from importlib import import_module

from django.db import migrations

# Who waited for another to open the same month may still believe that there is none: the database tells a session of new
# tables when it locks one, not when it waits for a lock of our own. Making it twice is then the sign that it is there.
OPEN_MONTH = """
CREATE OR REPLACE FUNCTION projects_open_month(month date) RETURNS void
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
    BEGIN
        EXECUTE format('CREATE TABLE public.%I (LIKE public.projects_spendfact INCLUDING ALL)', name);
    EXCEPTION WHEN duplicate_table THEN
        RETURN;
    END;
    EXECUTE format(
        'ALTER TABLE public.projects_spendfact ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        name, month, (month + interval '1 month')::date
    );
END $$;
"""
BEFORE = import_module('projects.migrations.0007_spend_facts_by_month').OPEN_MONTH.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION')


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0039_sunset_criteria_that_data_proves'),
    ]

    operations = [migrations.RunSQL(OPEN_MONTH, BEFORE)]
