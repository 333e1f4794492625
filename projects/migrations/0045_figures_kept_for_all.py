from django.db import migrations, models


# What the pages of spend show is worked out after a delivery, and every process finds it here.
class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0044_keys_are_found_by_api_key'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptFigures',
            fields=[
                ('cache_key', models.CharField(max_length=255, primary_key=True, serialize=False)),
                ('value', models.TextField()),
                ('expires', models.DateTimeField(db_index=True)),
            ],
        ),
    ]
