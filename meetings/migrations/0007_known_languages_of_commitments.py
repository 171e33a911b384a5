from django.db import migrations


def fill_in(apps, schema_editor):
    """Note the language of commitments that were made of a text whose language is known."""
    commitments = apps.get_model('meetings', 'Commitment').objects.filter(language='')
    for model, text in (('LearningEntry', 'next_step'), ('Consultation', 'first_step')):
        rows = apps.get_model('meetings', model).objects.filter(commitment__in=commitments)
        for key, words, language in rows.values_list('commitment', text, 'language'):
            # Reworded since, the text says nothing about the commitment any more.
            commitments.filter(pk=key, text=words).update(language=language)


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0006_commitment_language_and_poll_reminders'),
    ]

    operations = [
        migrations.RunPython(fill_in, migrations.RunPython.noop),
    ]
