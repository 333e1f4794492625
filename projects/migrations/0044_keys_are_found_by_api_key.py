from django.db import migrations, models
from django.db.models.functions import Left


# Whether an account is an API key is asked of each heap of unclaimed charges, and a heap may have any number of keys.
class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0043_groups_of_what_is_not_used'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='costkey',
            index=models.Index(models.F('group'), Left('api_key_id', 200), condition=models.Q(('api_key_id__isnull', False)), name='cost_key_api_key'),
        ),
    ]
