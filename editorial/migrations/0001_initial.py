
import core.models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('municipalities', '0001_initial'),
        ('tandems', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Page',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(choices=[('imprint', 'Imprint'), ('privacy', 'Privacy'), ('accessibility', 'Accessibility'), ('easy-language', 'Easy language')], max_length=20, unique=True, verbose_name='page')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('title_de', models.CharField(max_length=120, null=True, verbose_name='title')),
                ('title_en', models.CharField(max_length=120, null=True, verbose_name='title')),
                ('body', models.TextField(blank=True, verbose_name='text (Markdown)')),
                ('body_de', models.TextField(blank=True, null=True, verbose_name='text (Markdown)')),
                ('body_en', models.TextField(blank=True, null=True, verbose_name='text (Markdown)')),
                ('reviewed_on', models.DateField(blank=True, null=True, verbose_name='reviewed on')),
            ],
            options={
                'verbose_name': 'page',
                'verbose_name_plural': 'pages',
                'constraints': [models.CheckConstraint(condition=models.Q(('key__in', ['imprint', 'privacy', 'accessibility', 'easy-language'])), name='page_key_is_known', violation_error_message='Choose one of the standing pages.')],
            },
        ),
        migrations.CreateModel(
            name='ProgrammeEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('earliest', models.DateField(blank=True, null=True, verbose_name='earliest day')),
                ('latest', models.DateField(blank=True, null=True, verbose_name='latest day')),
                ('precision', models.CharField(choices=[('day', 'to the day'), ('month', 'to the month'), ('year', 'to the year'), ('year_end', 'end of the year'), ('range', 'between two days'), ('period', 'a period of months'), ('unknown', 'not documented')], default='unknown', max_length=8, verbose_name='precision of the date')),
                ('section', models.CharField(choices=[('summary', 'The programme'), ('aim', 'Aims'), ('activity', 'What happens'), ('phase', 'Timeline'), ('method', 'How it works'), ('network', 'Networks and initiatives'), ('finding', 'Findings'), ('disagreement', 'Where sources disagree')], max_length=12, verbose_name='section')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('title', models.CharField(blank=True, max_length=250, verbose_name='title')),
                ('title_de', models.CharField(blank=True, max_length=250, null=True, verbose_name='title')),
                ('title_en', models.CharField(blank=True, max_length=250, null=True, verbose_name='title')),
                ('text', models.TextField(blank=True, verbose_name='text')),
                ('text_de', models.TextField(blank=True, null=True, verbose_name='text')),
                ('text_en', models.TextField(blank=True, null=True, verbose_name='text')),
            ],
            options={
                'verbose_name': 'statement about the programme',
                'verbose_name_plural': 'statements about the programme',
                'ordering': ['section', 'position'],
                'constraints': [models.CheckConstraint(condition=models.Q(('earliest__isnull', True), ('latest__isnull', True), ('latest__gte', models.F('earliest')), _connector='OR'), name='programmeentry_latest_day_is_not_before_earliest', violation_error_message='The latest day lies before the earliest day.'), models.CheckConstraint(condition=models.Q(('precision', 'unknown'), models.Q(('earliest__isnull', False), ('latest__isnull', False)), _connector='OR'), name='programmeentry_known_date_has_both_bounds', violation_error_message='A documented date needs its earliest and latest day.'), models.CheckConstraint(condition=models.Q(('precision__in', ['day', 'month', 'year', 'year_end', 'range', 'period', 'unknown'])), name='programmeentry_precision_is_known', violation_error_message='Choose how exactly the date is known.'), models.UniqueConstraint(fields=('section', 'position'), name='programme_entry_has_its_own_position', violation_error_message='This position is taken by another statement.'), models.CheckConstraint(condition=models.Q(('section__in', ['summary', 'aim', 'activity', 'phase', 'method', 'network', 'finding', 'disagreement'])), name='programme_entry_section_is_known', violation_error_message='Choose the section.')],
            },
        ),
        migrations.CreateModel(
            name='Resource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('earliest', models.DateField(blank=True, null=True, verbose_name='earliest day')),
                ('latest', models.DateField(blank=True, null=True, verbose_name='latest day')),
                ('precision', models.CharField(choices=[('day', 'to the day'), ('month', 'to the month'), ('year', 'to the year'), ('year_end', 'end of the year'), ('range', 'between two days'), ('period', 'a period of months'), ('unknown', 'not documented')], default='unknown', max_length=8, verbose_name='precision of the date')),
                ('reference', models.SlugField(max_length=80, unique=True, verbose_name='reference')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('kind', models.CharField(choices=[('information_sheet', 'information sheet'), ('call_notice', 'call notice'), ('tender', 'tender'), ('project_page', 'project page'), ('platform', 'platform'), ('participation_page', 'participation page'), ('news', 'news item'), ('article', 'article'), ('podcast', 'podcast'), ('report', 'report'), ('publication', 'publication'), ('dataset', 'dataset'), ('tool', 'tool')], max_length=20, verbose_name='kind')),
                ('title', models.CharField(max_length=250, verbose_name='title')),
                ('title_de', models.CharField(max_length=250, null=True, verbose_name='title')),
                ('title_en', models.CharField(max_length=250, null=True, verbose_name='title')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('description_de', models.TextField(blank=True, null=True, verbose_name='description')),
                ('description_en', models.TextField(blank=True, null=True, verbose_name='description')),
                ('url', models.URLField(blank=True, max_length=500, verbose_name='address')),
                ('languages', models.JSONField(blank=True, default=list, verbose_name='languages (BCP 47)')),
            ],
            options={
                'verbose_name': 'resource',
                'verbose_name_plural': 'resources',
                'ordering': ['position', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('earliest__isnull', True), ('latest__isnull', True), ('latest__gte', models.F('earliest')), _connector='OR'), name='resource_latest_day_is_not_before_earliest', violation_error_message='The latest day lies before the earliest day.'), models.CheckConstraint(condition=models.Q(('precision', 'unknown'), models.Q(('earliest__isnull', False), ('latest__isnull', False)), _connector='OR'), name='resource_known_date_has_both_bounds', violation_error_message='A documented date needs its earliest and latest day.'), models.CheckConstraint(condition=models.Q(('precision__in', ['day', 'month', 'year', 'year_end', 'range', 'period', 'unknown'])), name='resource_precision_is_known', violation_error_message='Choose how exactly the date is known.'), models.CheckConstraint(condition=models.Q(('kind__in', ['information_sheet', 'call_notice', 'tender', 'project_page', 'platform', 'participation_page', 'news', 'article', 'podcast', 'report', 'publication', 'dataset', 'tool'])), name='resource_kind_is_known', violation_error_message='Choose the kind of resource.')],
            },
        ),
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('slug', models.SlugField(max_length=120, unique=True, verbose_name='slug')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('title_de', models.CharField(max_length=200, null=True, verbose_name='title')),
                ('title_en', models.CharField(max_length=200, null=True, verbose_name='title')),
                ('teaser', models.TextField(blank=True, verbose_name='teaser')),
                ('teaser_de', models.TextField(blank=True, null=True, verbose_name='teaser')),
                ('teaser_en', models.TextField(blank=True, null=True, verbose_name='teaser')),
                ('body', models.TextField(blank=True, verbose_name='text (Markdown)')),
                ('body_de', models.TextField(blank=True, null=True, verbose_name='text (Markdown)')),
                ('body_en', models.TextField(blank=True, null=True, verbose_name='text (Markdown)')),
                ('published_on', models.DateField(verbose_name='published on')),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='changed at')),
                ('municipalities', models.ManyToManyField(blank=True, related_name='articles', to='municipalities.municipality')),
                ('tandem', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='tandems.tandem')),
            ],
            options={
                'verbose_name': 'news story',
                'verbose_name_plural': 'news',
                'indexes': [models.Index(fields=['-published_on', '-id'], name='editorial_a_publish_b7ff9e_idx')],
            },
        ),
    ]
