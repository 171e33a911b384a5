
import core.models
import django.db.models.deletion
import municipalities.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('slug', models.SlugField(max_length=80, unique=True, verbose_name='slug')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('title_de', models.CharField(max_length=200, null=True, verbose_name='title')),
                ('title_en', models.CharField(max_length=200, null=True, verbose_name='title')),
                ('summary', models.TextField(blank=True, verbose_name='summary')),
                ('summary_de', models.TextField(blank=True, null=True, verbose_name='summary')),
                ('summary_en', models.TextField(blank=True, null=True, verbose_name='summary')),
                ('kind', models.CharField(choices=[('expression_of_interest', 'expression of interest'), ('application', 'application')], max_length=24, verbose_name='kind')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('open', 'open'), ('closed', 'closed'), ('in_review', 'in review'), ('decided', 'decided'), ('archived', 'archived')], default='draft', max_length=12, verbose_name='state')),
                ('time_zone', models.CharField(blank=True, max_length=40, validators=[municipalities.models.validate_time_zone], verbose_name='time zone of the moments')),
                ('opens_at', models.DateTimeField(blank=True, null=True, verbose_name='opening time')),
                ('opens_earliest', models.DateField(blank=True, null=True, verbose_name='earliest opening day')),
                ('opens_latest', models.DateField(blank=True, null=True, verbose_name='latest opening day')),
                ('opens_precision', models.CharField(choices=[('day', 'to the day'), ('month', 'to the month'), ('year', 'to the year'), ('year_end', 'end of the year'), ('range', 'between two days'), ('period', 'a period of months'), ('unknown', 'not documented')], default='unknown', max_length=8)),
                ('opens_sources', models.JSONField(blank=True, default=list, verbose_name='sources of the opening')),
                ('closes_at', models.DateTimeField(blank=True, null=True, verbose_name='deadline (time)')),
                ('closes_on', models.DateField(blank=True, null=True, verbose_name='deadline (day)')),
                ('closes_sources', models.JSONField(blank=True, default=list, verbose_name='sources of the deadline')),
                ('grace_minutes', models.PositiveSmallIntegerField(default=30, verbose_name='minutes within which a form opened before the deadline may still be sent')),
                ('partnerships', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='partnerships')),
                ('places_german', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='places for German municipalities')),
                ('places_european', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='places for other European municipalities')),
                ('places_sources', models.JSONField(blank=True, default=list, verbose_name='sources of the places')),
            ],
            options={
                'verbose_name': 'call for participation',
                'verbose_name_plural': 'calls for participation',
                'constraints': [models.CheckConstraint(condition=models.Q(('opens_at__isnull', True), ('closes_at__isnull', True), ('closes_at__gt', models.F('opens_at')), _connector='OR'), name='call_closes_after_it_opens', violation_error_message='The deadline lies before the opening.'), models.CheckConstraint(condition=models.Q(models.Q(('opens_at__isnull', True), ('closes_at__isnull', True)), models.Q(('time_zone', ''), _negated=True), _connector='OR'), name='call_moments_have_a_zone', violation_error_message='Choose a time zone; every time of day is shown with it.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'open'), _negated=True), models.Q(('opens_at__isnull', False), ('closes_at__isnull', False)), _connector='OR'), name='call_is_open_only_between_two_moments', violation_error_message='An open call needs the moments of opening and closing.'), models.CheckConstraint(condition=models.Q(('kind__in', ['expression_of_interest', 'application'])), name='call_kind_is_known', violation_error_message='Choose the kind of call.'), models.CheckConstraint(condition=models.Q(('opens_precision__in', ['day', 'month', 'year', 'year_end', 'range', 'period', 'unknown'])), name='call_opening_precision_is_known', violation_error_message='Choose how exactly the date is known.'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'open', 'closed', 'in_review', 'decided', 'archived'])), name='call_state_is_known', violation_error_message='Choose the state of the call.')],
            },
        ),
        migrations.CreateModel(
            name='CallFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('section', models.CharField(choices=[('eligibility', 'Who could take part'), ('channel', 'How to apply'), ('topics', 'Topics offered'), ('form', 'What the form asked'), ('commitment', 'What municipalities committed to'), ('benefit', 'What was offered'), ('travel', 'Travel costs'), ('criterion', 'Selection criteria'), ('matching', 'How partners were matched'), ('twinning', 'Existing town twinnings'), ('applicants', 'Number of applications')], max_length=12, verbose_name='section')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('text', models.TextField(verbose_name='text')),
                ('text_de', models.TextField(null=True, verbose_name='text')),
                ('text_en', models.TextField(null=True, verbose_name='text')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='facts', to='calls.call')),
            ],
            options={
                'verbose_name': 'fact of a call',
                'verbose_name_plural': 'facts of a call',
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('call', 'position'), name='call_fact_has_its_own_position', violation_error_message='This position is taken by another fact.'), models.CheckConstraint(condition=models.Q(('section__in', ['eligibility', 'channel', 'topics', 'form', 'commitment', 'benefit', 'travel', 'criterion', 'matching', 'twinning', 'applicants'])), name='call_fact_section_is_known', violation_error_message='Choose the section.')],
            },
        ),
        migrations.CreateModel(
            name='CallMilestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('earliest', models.DateField(blank=True, null=True, verbose_name='earliest day')),
                ('latest', models.DateField(blank=True, null=True, verbose_name='latest day')),
                ('precision', models.CharField(choices=[('day', 'to the day'), ('month', 'to the month'), ('year', 'to the year'), ('year_end', 'end of the year'), ('range', 'between two days'), ('period', 'a period of months'), ('unknown', 'not documented')], default='unknown', max_length=8, verbose_name='precision of the date')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('text', models.CharField(max_length=300, verbose_name='text')),
                ('text_de', models.CharField(max_length=300, null=True, verbose_name='text')),
                ('text_en', models.CharField(max_length=300, null=True, verbose_name='text')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='milestones', to='calls.call')),
            ],
            options={
                'verbose_name': 'milestone of a call',
                'verbose_name_plural': 'milestones of a call',
                'ordering': ['position'],
                'constraints': [models.CheckConstraint(condition=models.Q(('earliest__isnull', True), ('latest__isnull', True), ('latest__gte', models.F('earliest')), _connector='OR'), name='callmilestone_latest_day_is_not_before_earliest', violation_error_message='The latest day lies before the earliest day.'), models.CheckConstraint(condition=models.Q(('precision', 'unknown'), models.Q(('earliest__isnull', False), ('latest__isnull', False)), _connector='OR'), name='callmilestone_known_date_has_both_bounds', violation_error_message='A documented date needs its earliest and latest day.'), models.CheckConstraint(condition=models.Q(('precision__in', ['day', 'month', 'year', 'year_end', 'range', 'period', 'unknown'])), name='callmilestone_precision_is_known', violation_error_message='Choose how exactly the date is known.'), models.UniqueConstraint(fields=('call', 'position'), name='call_milestone_has_its_own_position', violation_error_message='This position is taken by another milestone.')],
            },
        ),
    ]
