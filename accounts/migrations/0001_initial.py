
import accounts.models
import core.models
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import municipalities.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='slug')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('short_name', models.CharField(max_length=60, verbose_name='short name')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('name_de', models.CharField(max_length=200, null=True, verbose_name='name')),
                ('name_en', models.CharField(max_length=200, null=True, verbose_name='name')),
                ('kind', models.CharField(choices=[('ministry', 'ministry'), ('contracting_authority', 'contracting authority'), ('project_team', 'project team'), ('coordinator', 'coordinator'), ('network', 'platform or network')], max_length=24, verbose_name='kind')),
                ('contribution', models.TextField(blank=True, verbose_name='task in the programme')),
                ('contribution_de', models.TextField(blank=True, null=True, verbose_name='task in the programme')),
                ('contribution_en', models.TextField(blank=True, null=True, verbose_name='task in the programme')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('note_de', models.TextField(blank=True, null=True, verbose_name='note')),
                ('note_en', models.TextField(blank=True, null=True, verbose_name='note')),
                ('seat', models.CharField(blank=True, max_length=80, verbose_name='seat')),
                ('website', models.URLField(blank=True, verbose_name='website')),
            ],
            options={
                'verbose_name': 'organisation',
                'verbose_name_plural': 'organisations',
                'ordering': ['position', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['ministry', 'contracting_authority', 'project_team', 'coordinator', 'network'])), name='organisation_kind_is_known', violation_error_message='Choose the kind of organisation.')],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('name', models.CharField(blank=True, max_length=150, verbose_name='name')),
                ('language', models.CharField(choices=[('de', 'German'), ('en', 'English')], default='de', max_length=2, verbose_name='language')),
                ('time_zone', models.CharField(default='Europe/Berlin', max_length=40, validators=[municipalities.models.validate_time_zone], verbose_name='time zone')),
                ('is_active', models.BooleanField(default=True, verbose_name='may sign in')),
                ('is_staff', models.BooleanField(default=False, verbose_name='may open the administration')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='joined at')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'person',
                'verbose_name_plural': 'people',
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_is_unique_whatever_its_case', violation_error_message='There is already an account with this address.')],
            },
            managers=[
                ('objects', accounts.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='ProgrammeRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('kind', models.CharField(choices=[('funder', 'funding'), ('contracting_authority', 'commissioning and guidance'), ('lead_partner', 'lead of the project team'), ('project_partner', 'part of the project team'), ('accompanies', 'support of the tandems'), ('coordinator', 'coordination of the programme'), ('communication_channel', 'news of the programme'), ('multiplier', 'multiplier')], max_length=24, verbose_name='role')),
                ('since', models.DateField(blank=True, null=True, verbose_name='since')),
                ('since_precision', models.CharField(choices=[('day', 'to the day'), ('month', 'to the month'), ('year', 'to the year'), ('year_end', 'end of the year'), ('range', 'between two days'), ('period', 'a period of months'), ('unknown', 'not documented')], default='unknown', max_length=8)),
                ('until', models.DateField(blank=True, null=True, verbose_name='until')),
                ('until_precision', models.CharField(choices=[('day', 'to the day'), ('month', 'to the month'), ('year', 'to the year'), ('year_end', 'end of the year'), ('range', 'between two days'), ('period', 'a period of months'), ('unknown', 'not documented')], default='unknown', max_length=8)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roles', to='accounts.organisation')),
            ],
            options={
                'verbose_name': 'role in the programme',
                'verbose_name_plural': 'roles in the programme',
                'ordering': [models.OrderBy(models.F('since'), nulls_first=True), 'pk'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'kind', 'since'), name='programme_role_starts_once', violation_error_message='This role is already recorded.'), models.UniqueConstraint(condition=models.Q(('since__isnull', True)), fields=('organisation', 'kind'), name='programme_role_is_undated_once', violation_error_message='This role is already recorded without a date.'), models.CheckConstraint(condition=models.Q(('since__isnull', True), ('until__isnull', True), ('until__gte', models.F('since')), _connector='OR'), name='programme_role_ends_after_it_starts', violation_error_message='The role ends before it starts.'), models.CheckConstraint(condition=models.Q(('since_precision__in', ['day', 'month', 'year', 'year_end', 'range', 'period', 'unknown']), ('until_precision__in', ['day', 'month', 'year', 'year_end', 'range', 'period', 'unknown'])), name='programme_role_precisions_are_known', violation_error_message='Choose how exactly the date is known.'), models.CheckConstraint(condition=models.Q(('kind__in', ['funder', 'contracting_authority', 'lead_partner', 'project_partner', 'accompanies', 'coordinator', 'communication_channel', 'multiplier'])), name='programme_role_kind_is_known', violation_error_message='Choose the role in the programme.')],
            },
        ),
    ]
