import django.contrib.postgres.indexes
from django.db import migrations

# A page of charges is read from the rows of a delivery where it begins to where it is full, not from a whole day. Whoever
# loads or gives out charges sums new pages up; asking the database for it as well filled its log.
BY_ROW = """
DROP INDEX fact_initiative_day;
CREATE INDEX fact_initiative_day ON projects_spendfact USING brin (initiative_id, charge_on, part_id, row_number)
    WITH (pages_per_range = 16);
"""
BY_DAY = """
DROP INDEX fact_initiative_day;
CREATE INDEX fact_initiative_day ON projects_spendfact USING brin (initiative_id, charge_on, part_id)
    WITH (pages_per_range = 16, autosummarize = on);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0045_figures_kept_for_all'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(BY_ROW, BY_DAY),
            ],
            state_operations=[
                migrations.RemoveIndex(
                    model_name='spendfact',
                    name='fact_initiative_day',
                ),
                migrations.AddIndex(
                    model_name='spendfact',
                    index=django.contrib.postgres.indexes.BrinIndex(fields=['initiative', 'charge_on', 'part', 'row_number'], name='fact_initiative_day', pages_per_range=16),
                ),
            ],
        ),
    ]
