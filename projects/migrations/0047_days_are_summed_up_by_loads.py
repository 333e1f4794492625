import django.contrib.postgres.indexes
from django.db import migrations

# Ranges of new days were asked of the database one by one while a load wrote them, and each that it could not take at once
# was a line in its log. A load asks once, at its end; whoever vacuums the table does it too.
ASKED_ONCE = "ALTER INDEX spend_day_ranges RESET (autosummarize)"
ASKED_FOR_EACH = "ALTER INDEX spend_day_ranges SET (autosummarize = on)"
SUMMARISE = """
CREATE FUNCTION projects_summarise_days() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET lock_timeout = '200ms' AS $$
BEGIN
    RETURN brin_summarize_new_values('public.spend_day_ranges');
EXCEPTION WHEN lock_not_available THEN
    RETURN 0;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0046_charges_are_found_by_row'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(ASKED_ONCE, ASKED_FOR_EACH),
                migrations.RunSQL(SUMMARISE, "DROP FUNCTION projects_summarise_days()"),
            ],
            state_operations=[
                migrations.RemoveIndex(
                    model_name='spendday',
                    name='spend_day_ranges',
                ),
                migrations.AddIndex(
                    model_name='spendday',
                    index=django.contrib.postgres.indexes.BrinIndex(fields=['charge_on'], name='spend_day_ranges', pages_per_range=32),
                ),
            ],
        ),
    ]
