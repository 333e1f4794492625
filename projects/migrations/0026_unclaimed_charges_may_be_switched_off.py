import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0025_keys_that_are_mandatory_at_first'),
    ]

    operations = [
        migrations.CreateModel(
            name='SwitchOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('billing_account', models.TextField(blank=True)),
                ('sub_account', models.TextField(blank=True)),
                ('service', models.TextField(blank=True)),
                ('due_on', models.DateField()),
                ('reason', models.CharField(max_length=400)),
                ('marked_at', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, choices=[('done', 'Switched off'), ('dropped', 'Kept on')], max_length=10)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('marked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.source')),
            ],
            options={
                'ordering': ('due_on', 'pk'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('source', 'billing_account', 'sub_account', 'service'), name='switched_off_once'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True), ('outcome', '')), models.Q(models.Q(('outcome', ''), _negated=True), ('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='switch_off_ended_whole')],
            },
        ),
    ]
