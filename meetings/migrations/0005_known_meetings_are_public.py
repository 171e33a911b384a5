from django.db import migrations


def publish(apps, schema_editor):
    """Keep public what was public so far: everything but meetings in preparation."""
    apps.get_model('meetings', 'Meeting').objects.exclude(status='planned').update(is_public=True)


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0004_from_plan_to_minutes'),
    ]

    operations = [
        migrations.RunPython(publish, migrations.RunPython.noop),
    ]
