
import core.models
import datetime
import django.db.models.deletion
import django.db.models.functions.comparison
import municipalities.models
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('municipalities', '0001_initial'),
        ('tandems', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Meeting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('earliest', models.DateField(blank=True, null=True, verbose_name='earliest day')),
                ('latest', models.DateField(blank=True, null=True, verbose_name='latest day')),
                ('precision', models.CharField(choices=[('day', 'to the day'), ('month', 'to the month'), ('year', 'to the year'), ('year_end', 'end of the year'), ('range', 'between two days'), ('period', 'a period of months'), ('unknown', 'not documented')], default='unknown', max_length=8, verbose_name='precision of the date')),
                ('reference', models.SlugField(max_length=80, unique=True, verbose_name='reference')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='calendar identity')),
                ('kind', models.CharField(choices=[('kick_off', 'kick-off'), ('working_meeting', 'working meeting'), ('site_visit', 'study visit'), ('tandem_meeting', 'tandem meeting'), ('web_seminar', 'web seminar'), ('workshop', 'workshop'), ('workshop_series', 'workshop series'), ('programme_meeting', 'network meeting'), ('consultation', 'peer consultation'), ('hackathon', 'hackathon'), ('participation', 'public participation'), ('conference', 'conference'), ('presentation', 'presentation'), ('related_event', 'related event')], max_length=20, verbose_name='kind')),
                ('scope', models.CharField(choices=[('tandem', 'one partnership'), ('programme', 'the whole network'), ('related', 'around the programme')], max_length=10, verbose_name='belongs to')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('title_de', models.CharField(max_length=200, null=True, verbose_name='title')),
                ('title_en', models.CharField(max_length=200, null=True, verbose_name='title')),
                ('slug', models.SlugField(max_length=120, verbose_name='slug')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('description_de', models.TextField(blank=True, null=True, verbose_name='description')),
                ('description_en', models.TextField(blank=True, null=True, verbose_name='description')),
                ('format', models.CharField(blank=True, choices=[('virtual', 'virtual'), ('on_site', 'on site'), ('hybrid', 'hybrid')], max_length=8, verbose_name='format')),
                ('status', models.CharField(choices=[('planned', 'planned, internal'), ('announced', 'announced'), ('unconfirmed', 'announced, not confirmed'), ('held', 'held'), ('cancelled', 'cancelled')], default='planned', max_length=12, verbose_name='status')),
                ('starts_at', models.DateTimeField(blank=True, null=True, verbose_name='starts at')),
                ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='ends at')),
                ('time_zone', models.CharField(blank=True, max_length=40, validators=[municipalities.models.validate_time_zone], verbose_name='time zone of the place')),
                ('place', models.CharField(blank=True, max_length=200, verbose_name='place')),
                ('country', models.CharField(blank=True, choices=[('AL', 'Albania'), ('AD', 'Andorra'), ('AM', 'Armenia'), ('AT', 'Austria'), ('AZ', 'Azerbaijan'), ('BE', 'Belgium'), ('BA', 'Bosnia and Herzegovina'), ('BG', 'Bulgaria'), ('HR', 'Croatia'), ('CY', 'Cyprus'), ('CZ', 'Czechia'), ('DK', 'Denmark'), ('EE', 'Estonia'), ('FI', 'Finland'), ('FR', 'France'), ('GE', 'Georgia'), ('DE', 'Germany'), ('GR', 'Greece'), ('HU', 'Hungary'), ('IS', 'Iceland'), ('IE', 'Ireland'), ('IT', 'Italy'), ('XK', 'Kosovo'), ('LV', 'Latvia'), ('LI', 'Liechtenstein'), ('LT', 'Lithuania'), ('LU', 'Luxembourg'), ('MT', 'Malta'), ('MD', 'Moldova'), ('MC', 'Monaco'), ('ME', 'Montenegro'), ('NL', 'Netherlands'), ('MK', 'North Macedonia'), ('NO', 'Norway'), ('PL', 'Poland'), ('PT', 'Portugal'), ('RO', 'Romania'), ('SM', 'San Marino'), ('RS', 'Serbia'), ('SK', 'Slovakia'), ('SI', 'Slovenia'), ('ES', 'Spain'), ('SE', 'Sweden'), ('CH', 'Switzerland'), ('TR', 'Türkiye'), ('UA', 'Ukraine'), ('GB', 'United Kingdom')], max_length=2, verbose_name='country')),
                ('participant_count', models.PositiveIntegerField(blank=True, null=True, verbose_name='number of people')),
                ('participant_note', models.CharField(blank=True, max_length=200, verbose_name='note on the people')),
                ('participant_note_de', models.CharField(blank=True, max_length=200, null=True, verbose_name='note on the people')),
                ('participant_note_en', models.CharField(blank=True, max_length=200, null=True, verbose_name='note on the people')),
                ('sequence', models.PositiveIntegerField(default=0, verbose_name='calendar revision')),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='changed at')),
                ('sorted_on', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce('latest', models.Value(datetime.date(1, 1, 1))), output_field=models.DateField())),
                ('host', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hosted_meetings', to='municipalities.municipality')),
                ('participants', models.ManyToManyField(blank=True, related_name='meetings', to='municipalities.municipality', verbose_name='participating cities')),
                ('tandem', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to='tandems.tandem')),
                ('topics', models.ManyToManyField(blank=True, related_name='meetings', to='municipalities.topic')),
            ],
            options={
                'verbose_name': 'meeting',
                'verbose_name_plural': 'meetings',
            },
        ),
        migrations.CreateModel(
            name='AgendaItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('text', models.CharField(max_length=300, verbose_name='text')),
                ('text_de', models.CharField(max_length=300, null=True, verbose_name='text')),
                ('text_en', models.CharField(max_length=300, null=True, verbose_name='text')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='agenda', to='meetings.meeting')),
            ],
            options={
                'verbose_name': 'agenda item',
                'verbose_name_plural': 'agenda items',
                'ordering': ['position'],
            },
        ),
        migrations.AddIndex(
            model_name='meeting',
            index=models.Index(fields=['-sorted_on', '-id'], name='meetings_me_sorted__cb6578_idx'),
        ),
        migrations.AddIndex(
            model_name='meeting',
            index=models.Index(fields=['earliest', 'id'], name='meetings_me_earlies_f18e52_idx'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('earliest__isnull', True), ('latest__isnull', True), ('latest__gte', models.F('earliest')), _connector='OR'), name='meeting_latest_day_is_not_before_earliest', violation_error_message='The latest day lies before the earliest day.'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('precision', 'unknown'), models.Q(('earliest__isnull', False), ('latest__isnull', False)), _connector='OR'), name='meeting_known_date_has_both_bounds', violation_error_message='A documented date needs its earliest and latest day.'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('precision__in', ['day', 'month', 'year', 'year_end', 'range', 'period', 'unknown'])), name='meeting_precision_is_known', violation_error_message='Choose how exactly the date is known.'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('scope__in', ['programme', 'related']), ('tandem__isnull', False), _connector='OR'), name='meeting_of_a_partnership_names_it', violation_error_message='Name the partnership that meets.'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at__isnull', True), ('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='meeting_ends_after_it_starts', violation_error_message='The meeting ends before it starts.'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('starts_at__isnull', False), _connector='OR'), name='meeting_with_an_end_has_a_start', violation_error_message='Give the start as well as the end.'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at__isnull', True), models.Q(models.Q(('time_zone', ''), _negated=True), ('precision', 'day')), _connector='OR'), name='meeting_with_a_time_has_day_and_zone', violation_error_message='A time of day needs the day and the time zone.'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['kick_off', 'working_meeting', 'site_visit', 'tandem_meeting', 'web_seminar', 'workshop', 'workshop_series', 'programme_meeting', 'consultation', 'hackathon', 'participation', 'conference', 'presentation', 'related_event'])), name='meeting_kind_is_known', violation_error_message='Choose the kind of meeting.'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('scope__in', ['tandem', 'programme', 'related'])), name='meeting_scope_is_known', violation_error_message='Choose who the meeting belongs to.'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['planned', 'announced', 'unconfirmed', 'held', 'cancelled'])), name='meeting_status_is_known', violation_error_message='Choose the status of the meeting.'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('format__in', ['virtual', 'on_site', 'hybrid', ''])), name='meeting_format_is_known', violation_error_message='Choose the format of the meeting.'),
        ),
        migrations.AddConstraint(
            model_name='agendaitem',
            constraint=models.UniqueConstraint(fields=('meeting', 'position'), name='agenda_item_has_its_own_position', violation_error_message='This position is taken by another item.'),
        ),
    ]
