
import core.models
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('calls', '0001_initial'),
        ('municipalities', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Tandem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('slug', models.SlugField(max_length=120, unique=True, verbose_name='slug')),
                ('number', models.PositiveIntegerField(db_index=True, verbose_name='number in the programme')),
                ('kind', models.CharField(choices=[('tandem', 'tandem'), ('tridem', 'tridem'), ('guest_exchange', 'guest exchange')], max_length=16, verbose_name='kind')),
                ('status', models.CharField(choices=[('planned', 'planned'), ('active', 'active'), ('completed', 'completed'), ('continues', 'completed, cooperation goes on'), ('ended_early', 'ended early'), ('undocumented', 'outcome not documented')], default='planned', max_length=16, verbose_name='status')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('name_de', models.CharField(max_length=200, null=True, verbose_name='name')),
                ('name_en', models.CharField(max_length=200, null=True, verbose_name='name')),
                ('twinning_since', models.CharField(blank=True, max_length=4, validators=[django.core.validators.RegexValidator('^[0-9]{4}$')], verbose_name='town twinning since (year)')),
                ('twinning_sources', models.JSONField(blank=True, default=list, verbose_name='sources of the twinning')),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='changed at')),
                ('call', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tandems', to='calls.call', verbose_name='selected through the call')),
            ],
            options={
                'verbose_name': 'partnership',
                'verbose_name_plural': 'partnerships',
            },
        ),
        migrations.CreateModel(
            name='ProfileVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('submitted', 'submitted'), ('confirmed', 'confirmed'), ('released', 'released'), ('superseded', 'superseded')], default='draft', max_length=10, verbose_name='state')),
                ('summary', models.TextField(blank=True, verbose_name='summary')),
                ('summary_de', models.TextField(blank=True, null=True, verbose_name='summary')),
                ('summary_en', models.TextField(blank=True, null=True, verbose_name='summary')),
                ('as_of', models.DateField(blank=True, null=True, verbose_name='as of')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='released at')),
                ('confirmed_by_municipalities', models.ManyToManyField(blank=True, related_name='+', to='municipalities.municipality', verbose_name='confirmed by')),
                ('released_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('tandem', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='profile_versions', to='tandems.tandem')),
            ],
            options={
                'verbose_name': 'version of a profile',
                'verbose_name_plural': 'versions of a profile',
            },
        ),
        migrations.CreateModel(
            name='TandemChange',
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
                ('tandem', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='tandems.tandem')),
            ],
            options={
                'verbose_name': 'change in a partnership',
                'verbose_name_plural': 'changes in a partnership',
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='TandemMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position in the pair')),
                ('role', models.CharField(choices=[('member', 'member'), ('guest', 'guest')], default='member', max_length=6, verbose_name='role')),
                ('joined_earliest', models.DateField(blank=True, null=True, verbose_name='joined, earliest')),
                ('joined_latest', models.DateField(blank=True, null=True, verbose_name='joined, latest')),
                ('joined_precision', models.CharField(choices=[('day', 'to the day'), ('month', 'to the month'), ('year', 'to the year'), ('year_end', 'end of the year'), ('range', 'between two days'), ('period', 'a period of months'), ('unknown', 'not documented')], default='unknown', max_length=8)),
                ('left_on', models.DateField(blank=True, null=True, verbose_name='left on')),
                ('left_precision', models.CharField(choices=[('day', 'to the day'), ('month', 'to the month'), ('year', 'to the year'), ('year_end', 'end of the year'), ('range', 'between two days'), ('period', 'a period of months'), ('unknown', 'not documented')], default='unknown', max_length=8)),
                ('left_reason', models.CharField(blank=True, max_length=300, verbose_name='reason for leaving')),
                ('left_reason_de', models.CharField(blank=True, max_length=300, null=True, verbose_name='reason for leaving')),
                ('left_reason_en', models.CharField(blank=True, max_length=300, null=True, verbose_name='reason for leaving')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='municipalities.municipality')),
                ('tandem', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='tandems.tandem')),
            ],
            options={
                'verbose_name': 'membership',
                'verbose_name_plural': 'memberships',
            },
        ),
        migrations.CreateModel(
            name='TandemTopic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('focus', models.CharField(blank=True, max_length=200, verbose_name='specific focus')),
                ('focus_de', models.CharField(blank=True, max_length=200, null=True, verbose_name='specific focus')),
                ('focus_en', models.CharField(blank=True, max_length=200, null=True, verbose_name='specific focus')),
                ('stage', models.CharField(choices=[('interest', 'interest'), ('presented', 'presented'), ('learning', 'learning'), ('planned_trial', 'trial planned'), ('planned_adoption', 'adoption planned'), ('learned_via_guest', 'learned via a guest'), ('mutual', 'mutual exchange'), ('joint_event', 'joint event'), ('undocumented', 'not documented')], default='undocumented', max_length=20, verbose_name='stage')),
                ('giver', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='topics_given', to='municipalities.municipality')),
                ('seeker', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='topics_sought', to='municipalities.municipality')),
                ('tandem', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='topics', to='tandems.tandem')),
                ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tandem_topics', to='municipalities.topic')),
            ],
            options={
                'verbose_name': 'topic of a partnership',
                'verbose_name_plural': 'topics of a partnership',
            },
        ),
        migrations.CreateModel(
            name='ProfileEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('section', models.CharField(choices=[('challenge', 'Challenges'), ('goal', 'Goals'), ('result', 'Results')], max_length=10, verbose_name='section')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('text', models.TextField(verbose_name='text')),
                ('text_de', models.TextField(null=True, verbose_name='text')),
                ('text_en', models.TextField(null=True, verbose_name='text')),
                ('result_kind', models.CharField(blank=True, choices=[('lesson', 'lesson learned'), ('transferable_solution', 'transferable solution'), ('translation', 'translation'), ('recommendation', 'recommendation'), ('report', 'report'), ('experience', 'experience'), ('test', 'test'), ('event_format', 'event format'), ('event', 'event'), ('concept', 'concept'), ('document', 'document'), ('participation', 'public participation'), ('project', 'project')], max_length=24, verbose_name='kind of result')),
                ('evidence', models.CharField(choices=[('documented', 'documented'), ('exists', 'exists; content not documented here'), ('planned', 'planned, completion not documented'), ('not_documented', 'outcome not documented')], default='documented', max_length=16, verbose_name='evidence')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='tandems.profileversion')),
            ],
            options={
                'verbose_name': 'entry of a profile',
                'verbose_name_plural': 'entries of a profile',
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('profile', 'position'), name='profile_entry_has_its_own_position', violation_error_message='This position is taken by another entry.'), models.CheckConstraint(condition=models.Q(('section__in', ['challenge', 'goal', 'result'])), name='profile_entry_section_is_known', violation_error_message='Choose the section.'), models.CheckConstraint(condition=models.Q(('evidence__in', ['documented', 'exists', 'planned', 'not_documented'])), name='profile_entry_evidence_is_known', violation_error_message='Choose how well the entry is documented.'), models.CheckConstraint(condition=models.Q(('result_kind__in', ['lesson', 'transferable_solution', 'translation', 'recommendation', 'report', 'experience', 'test', 'event_format', 'event', 'concept', 'document', 'participation', 'project', ''])), name='profile_entry_result_kind_is_known', violation_error_message='Choose the kind of result.'), models.CheckConstraint(condition=models.Q(('section', 'result'), ('result_kind', ''), _connector='OR'), name='profile_entry_only_results_have_a_kind', violation_error_message='Only a result has a kind.')],
            },
        ),
        migrations.AddIndex(
            model_name='tandem',
            index=models.Index(fields=['status', 'number'], name='tandems_tan_status_b996e0_idx'),
        ),
        migrations.AddConstraint(
            model_name='tandem',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['tandem', 'tridem', 'guest_exchange'])), name='tandem_kind_is_known', violation_error_message='Choose the kind of partnership.'),
        ),
        migrations.AddConstraint(
            model_name='tandem',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['planned', 'active', 'completed', 'continues', 'ended_early', 'undocumented'])), name='tandem_status_is_known', violation_error_message='Choose the status of the partnership.'),
        ),
        migrations.AddConstraint(
            model_name='profileversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'released')), fields=('tandem',), name='tandem_has_one_released_profile', violation_error_message='Another version of this profile is released.'),
        ),
        migrations.AddConstraint(
            model_name='profileversion',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'confirmed', 'released', 'superseded'])), name='profile_version_state_is_known', violation_error_message='Choose the state of the profile.'),
        ),
        migrations.AddConstraint(
            model_name='profileversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['released', 'superseded']), _negated=True), ('released_at__isnull', False), _connector='OR'), name='released_profile_has_a_moment', violation_error_message='A released profile needs the moment of its release.'),
        ),
        migrations.AddConstraint(
            model_name='tandemchange',
            constraint=models.CheckConstraint(condition=models.Q(('earliest__isnull', True), ('latest__isnull', True), ('latest__gte', models.F('earliest')), _connector='OR'), name='tandemchange_latest_day_is_not_before_earliest', violation_error_message='The latest day lies before the earliest day.'),
        ),
        migrations.AddConstraint(
            model_name='tandemchange',
            constraint=models.CheckConstraint(condition=models.Q(('precision', 'unknown'), models.Q(('earliest__isnull', False), ('latest__isnull', False)), _connector='OR'), name='tandemchange_known_date_has_both_bounds', violation_error_message='A documented date needs its earliest and latest day.'),
        ),
        migrations.AddConstraint(
            model_name='tandemchange',
            constraint=models.CheckConstraint(condition=models.Q(('precision__in', ['day', 'month', 'year', 'year_end', 'range', 'period', 'unknown'])), name='tandemchange_precision_is_known', violation_error_message='Choose how exactly the date is known.'),
        ),
        migrations.AddConstraint(
            model_name='tandemchange',
            constraint=models.UniqueConstraint(fields=('tandem', 'position'), name='tandem_change_has_its_own_position', violation_error_message='This position is taken by another change.'),
        ),
        migrations.AddConstraint(
            model_name='tandemmember',
            constraint=models.UniqueConstraint(condition=models.Q(('left_on__isnull', True)), fields=('tandem', 'municipality'), name='tandem_member_is_current_once', violation_error_message='This municipality is already a current member.'),
        ),
        migrations.AddConstraint(
            model_name='tandemmember',
            constraint=models.CheckConstraint(condition=models.Q(('left_on__isnull', True), ('joined_earliest__isnull', True), ('left_on__gte', models.F('joined_earliest')), _connector='OR'), name='tandem_member_leaves_after_joining', violation_error_message='The municipality leaves before it joins.'),
        ),
        migrations.AddConstraint(
            model_name='tandemmember',
            constraint=models.CheckConstraint(condition=models.Q(('joined_earliest__isnull', True), ('joined_latest__isnull', True), ('joined_latest__gte', models.F('joined_earliest')), _connector='OR'), name='tandem_member_joining_bounds_are_in_order', violation_error_message='The latest day lies before the earliest day.'),
        ),
        migrations.AddConstraint(
            model_name='tandemmember',
            constraint=models.CheckConstraint(condition=models.Q(('left_reason', ''), ('left_on__isnull', False), _connector='OR'), name='tandem_member_has_a_reason_only_when_it_left', violation_error_message='A reason for leaving needs the day of leaving.'),
        ),
        migrations.AddConstraint(
            model_name='tandemmember',
            constraint=models.CheckConstraint(condition=models.Q(('joined_precision__in', ['day', 'month', 'year', 'year_end', 'range', 'period', 'unknown']), ('left_precision__in', ['day', 'month', 'year', 'year_end', 'range', 'period', 'unknown'])), name='tandem_member_precisions_are_known', violation_error_message='Choose how exactly the date is known.'),
        ),
        migrations.AddConstraint(
            model_name='tandemmember',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['member', 'guest'])), name='tandem_member_role_is_known', violation_error_message='Choose member or guest.'),
        ),
        migrations.AddConstraint(
            model_name='tandemtopic',
            constraint=models.UniqueConstraint(fields=('tandem', 'position'), name='tandem_topic_has_its_own_position', violation_error_message='This position is taken by another topic.'),
        ),
        migrations.AddConstraint(
            model_name='tandemtopic',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('giver__isnull', True), ('seeker__isnull', True)), models.Q(('giver__isnull', False), ('seeker__isnull', False)), _connector='OR'), name='tandem_topic_has_giver_and_seeker_or_neither', violation_error_message='Name both the giving and the seeking municipality.'),
        ),
        migrations.AddConstraint(
            model_name='tandemtopic',
            constraint=models.CheckConstraint(condition=models.Q(('giver__isnull', True), models.Q(('giver', models.F('seeker')), _negated=True), _connector='OR'), name='tandem_topic_giver_is_not_the_seeker', violation_error_message='A municipality cannot seek from itself.'),
        ),
        migrations.AddConstraint(
            model_name='tandemtopic',
            constraint=models.CheckConstraint(condition=models.Q(('stage__in', ['interest', 'presented', 'learning', 'planned_trial', 'planned_adoption', 'learned_via_guest', 'mutual', 'joint_event', 'undocumented'])), name='tandem_topic_stage_is_known', violation_error_message='Choose how far learning has come.'),
        ),
        migrations.AddConstraint(
            model_name='tandemtopic',
            constraint=models.CheckConstraint(condition=models.Q(('topic__isnull', False), models.Q(('focus', ''), _negated=True), _connector='OR'), name='tandem_topic_says_what_it_is_about', violation_error_message='Name the field of action or the specific focus.'),
        ),
    ]
