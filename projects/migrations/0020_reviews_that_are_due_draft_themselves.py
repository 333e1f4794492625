import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0019_gate_templates_are_edited'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='gaterequest',
            name='request_submission_whole',
        ),
        migrations.AddField(
            model_name='gaterequest',
            name='due_on',
            field=models.DateField(blank=True, help_text='The day on which a due review enters the agenda.', null=True),
        ),
        migrations.AlterField(
            model_name='gaterequest',
            name='drafted_by',
            field=models.ForeignKey(blank=True, help_text='Nobody where a due review drafted itself.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='gaterequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('round', 0), ('submitted_at__isnull', True), ('submitted_by__isnull', True)), models.Q(('round__gt', 0), ('submitted_at__isnull', False), ('submitted_by__isnull', False)), models.Q(('due_on__isnull', False), ('round__gt', 0), ('submitted_at__isnull', False)), _connector='OR'), name='request_submission_whole'),
        ),
        migrations.AddConstraint(
            model_name='gaterequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('drafted_by__isnull', False), ('due_on__isnull', True)), models.Q(('drafted_by__isnull', True), ('due_on__isnull', False), ('kind__in', ('post_decision', 'reassessment'))), _connector='OR'), name='only_due_reviews_draft_themselves'),
        ),
        migrations.AddConstraint(
            model_name='gaterequest',
            constraint=models.UniqueConstraint(condition=models.Q(('due_on__isnull', False)), fields=('initiative', 'kind', 'due_on'), name='one_review_for_a_day'),
        ),
    ]
