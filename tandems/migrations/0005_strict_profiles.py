from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tandems", "0004_profiles_as_texts"),
    ]

    operations = [
        migrations.RemoveField(
            model_name='profileentry',
            name='text',
        ),
        migrations.RemoveField(
            model_name='profileentry',
            name='text_de',
        ),
        migrations.RemoveField(
            model_name='profileentry',
            name='text_en',
        ),
        migrations.RemoveField(
            model_name='profileversion',
            name='confirmed_by_municipalities',
        ),
        migrations.RemoveField(
            model_name='profileversion',
            name='summary',
        ),
        migrations.RemoveField(
            model_name='profileversion',
            name='summary_de',
        ),
        migrations.RemoveField(
            model_name='profileversion',
            name='summary_en',
        ),
        migrations.AddConstraint(
            model_name='profileentry',
            constraint=models.UniqueConstraint(fields=('profile', 'key'), name='profile_entry_has_its_own_key', violation_error_message='This version holds the entry already.'),
        ),
        migrations.AddConstraint(
            model_name='profileentry',
            constraint=models.UniqueConstraint(condition=models.Q(('is_point', False), ('municipality__isnull', True)), fields=('profile', 'section'), name='profile_section_has_one_text', violation_error_message='This section has a text already.'),
        ),
        migrations.AddConstraint(
            model_name='profileentry',
            constraint=models.UniqueConstraint(condition=models.Q(('is_point', False), ('municipality__isnull', False)), fields=('profile', 'section', 'municipality'), name='profile_section_has_one_text_of_each_municipality', violation_error_message='This municipality has a text there already.'),
        ),
        migrations.AddConstraint(
            model_name='profileversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('draft', 'submitted', 'confirmed'))), fields=('tandem',), name='tandem_has_one_unfinished_profile', violation_error_message='Another version of this profile is being worked on.'),
        ),
        migrations.AddConstraint(
            model_name='profileversion',
            constraint=models.UniqueConstraint(fields=('tandem', 'number'), name='profile_version_has_its_own_number', violation_error_message='Another version of this profile has this number.'),
        ),
    ]
