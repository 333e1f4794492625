from django.db import migrations

# A day's sum is told apart by what it is of (spend_day_once) and its number asked for by nobody, while keeping an index of
# numbers took a quarter of the time in which a load writes its days.
WITHOUT_INDEX = "ALTER TABLE projects_spendday DROP CONSTRAINT projects_spendday_pkey"
WITH_INDEX = "ALTER TABLE projects_spendday ADD CONSTRAINT projects_spendday_pkey PRIMARY KEY (id)"


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0047_days_are_summed_up_by_loads'),
    ]

    operations = [
        migrations.RunSQL(WITHOUT_INDEX, WITH_INDEX),
    ]
