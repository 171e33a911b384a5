from django.db import migrations
from django.db.models import F


def fill_in(apps, schema_editor):
    """Note about which end cities were asked: that of their partnership, if they were asked after it.

    Of a partnership that goes on again, or has ended anew since, the earlier end is not known.
    """
    check_ins = apps.get_model('meetings', 'CheckIn').objects.filter(ended_on=None)
    rows = check_ins.filter(tandem__ended_on__isnull=False)
    rows = rows.filter(asked_at__date__gte=F('tandem__ended_on'))
    for key, ended_on in rows.values_list('pk', 'tandem__ended_on'):
        check_ins.filter(pk=key).update(ended_on=ended_on)


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0010_check_ins_know_the_end_they_ask_about'),
    ]

    operations = [
        migrations.RunPython(fill_in, migrations.RunPython.noop),
    ]
