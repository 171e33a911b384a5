
import core.models
import django.core.validators
import django.db.models.deletion
import municipalities.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('key', models.SlugField(max_length=60, unique=True, verbose_name='key')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('name_de', models.CharField(max_length=120, null=True, verbose_name='name')),
                ('name_en', models.CharField(max_length=120, null=True, verbose_name='name')),
            ],
            options={
                'verbose_name': 'field of action',
                'verbose_name_plural': 'fields of action',
            },
        ),
        migrations.CreateModel(
            name='Municipality',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('slug', models.SlugField(max_length=80, unique=True, verbose_name='slug')),
                ('name', models.CharField(db_index=True, max_length=120, verbose_name='name')),
                ('name_de', models.CharField(db_index=True, max_length=120, null=True, verbose_name='name')),
                ('name_en', models.CharField(db_index=True, max_length=120, null=True, verbose_name='name')),
                ('local_name', models.CharField(max_length=120, verbose_name='local name')),
                ('country', models.CharField(choices=[('AL', 'Albania'), ('AD', 'Andorra'), ('AM', 'Armenia'), ('AT', 'Austria'), ('AZ', 'Azerbaijan'), ('BE', 'Belgium'), ('BA', 'Bosnia and Herzegovina'), ('BG', 'Bulgaria'), ('HR', 'Croatia'), ('CY', 'Cyprus'), ('CZ', 'Czechia'), ('DK', 'Denmark'), ('EE', 'Estonia'), ('FI', 'Finland'), ('FR', 'France'), ('GE', 'Georgia'), ('DE', 'Germany'), ('GR', 'Greece'), ('HU', 'Hungary'), ('IS', 'Iceland'), ('IE', 'Ireland'), ('IT', 'Italy'), ('XK', 'Kosovo'), ('LV', 'Latvia'), ('LI', 'Liechtenstein'), ('LT', 'Lithuania'), ('LU', 'Luxembourg'), ('MT', 'Malta'), ('MD', 'Moldova'), ('MC', 'Monaco'), ('ME', 'Montenegro'), ('NL', 'Netherlands'), ('MK', 'North Macedonia'), ('NO', 'Norway'), ('PL', 'Poland'), ('PT', 'Portugal'), ('RO', 'Romania'), ('SM', 'San Marino'), ('RS', 'Serbia'), ('SK', 'Slovakia'), ('SI', 'Slovenia'), ('ES', 'Spain'), ('SE', 'Sweden'), ('CH', 'Switzerland'), ('TR', 'Türkiye'), ('UA', 'Ukraine'), ('GB', 'United Kingdom')], max_length=2, verbose_name='country')),
                ('region', models.CharField(blank=True, max_length=120, verbose_name='region')),
                ('region_de', models.CharField(blank=True, max_length=120, null=True, verbose_name='region')),
                ('region_en', models.CharField(blank=True, max_length=120, null=True, verbose_name='region')),
                ('district', models.CharField(blank=True, max_length=120, verbose_name='county or province')),
                ('district_de', models.CharField(blank=True, max_length=120, null=True, verbose_name='county or province')),
                ('district_en', models.CharField(blank=True, max_length=120, null=True, verbose_name='county or province')),
                ('nuts3_code', models.CharField(blank=True, max_length=5, validators=[django.core.validators.RegexValidator('^[A-Z]{2}[A-Z0-9]{3}$')], verbose_name='NUTS-3 code')),
                ('nuts3_name', models.CharField(blank=True, max_length=120, verbose_name='NUTS-3 region')),
                ('latitude', models.FloatField(validators=[django.core.validators.MinValueValidator(-90), django.core.validators.MaxValueValidator(90)], verbose_name='latitude (WGS 84, degrees)')),
                ('longitude', models.FloatField(validators=[django.core.validators.MinValueValidator(-180), django.core.validators.MaxValueValidator(180)], verbose_name='longitude (WGS 84, degrees)')),
                ('point_note', models.CharField(blank=True, max_length=250, verbose_name='what the map point marks')),
                ('point_note_de', models.CharField(blank=True, max_length=250, null=True, verbose_name='what the map point marks')),
                ('point_note_en', models.CharField(blank=True, max_length=250, null=True, verbose_name='what the map point marks')),
                ('degree_of_urbanisation', models.PositiveSmallIntegerField(blank=True, choices=[(1, 'city (densely populated)'), (2, 'town or suburb (intermediate density)'), (3, 'rural area (thinly populated)')], null=True, verbose_name='degree of urbanisation')),
                ('time_zone', models.CharField(max_length=40, validators=[municipalities.models.validate_time_zone], verbose_name='time zone')),
                ('languages', models.JSONField(default=list, verbose_name='languages (BCP 47), the local one first')),
                ('website', models.URLField(blank=True, verbose_name='website')),
                ('contact_offices', models.TextField(blank=True, verbose_name='responsible offices, one per line')),
                ('contact_offices_de', models.TextField(blank=True, null=True, verbose_name='responsible offices, one per line')),
                ('contact_offices_en', models.TextField(blank=True, null=True, verbose_name='responsible offices, one per line')),
                ('contact_sources', models.JSONField(blank=True, default=list, verbose_name='sources of the offices')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('description_de', models.TextField(blank=True, null=True, verbose_name='description')),
                ('description_en', models.TextField(blank=True, null=True, verbose_name='description')),
                ('search_text', core.models.SearchTextField(copies=('name_de', 'name_en', 'local_name', 'slug'))),
            ],
            options={
                'verbose_name': 'municipality',
                'verbose_name_plural': 'municipalities',
                'indexes': [models.Index(fields=['country'], name='municipalit_country_85da59_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('latitude__gte', -90), ('latitude__lte', 90), ('longitude__gte', -180), ('longitude__lte', 180)), name='municipality_lies_on_earth', violation_error_message='Latitude or longitude is out of range.'), models.CheckConstraint(condition=models.Q(('country__in', ['AL', 'AD', 'AM', 'AT', 'AZ', 'BE', 'BA', 'BG', 'HR', 'CY', 'CZ', 'DK', 'EE', 'FI', 'FR', 'GE', 'DE', 'GR', 'HU', 'IS', 'IE', 'IT', 'XK', 'LV', 'LI', 'LT', 'LU', 'MT', 'MD', 'MC', 'ME', 'NL', 'MK', 'NO', 'PL', 'PT', 'RO', 'SM', 'RS', 'SK', 'SI', 'ES', 'SE', 'CH', 'TR', 'UA', 'GB'])), name='municipality_lies_in_europe', violation_error_message='Choose a European country.')],
            },
        ),
        migrations.CreateModel(
            name='AreaFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('square_kilometres', models.DecimalField(decimal_places=2, max_digits=9, verbose_name='area in km²')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('note_de', models.CharField(blank=True, max_length=300, null=True, verbose_name='note')),
                ('note_en', models.CharField(blank=True, max_length=300, null=True, verbose_name='note')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='area_figures', to='municipalities.municipality')),
            ],
            options={
                'verbose_name': 'area figure',
                'verbose_name_plural': 'area figures',
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('municipality', 'position'), name='area_figure_has_its_own_position', violation_error_message='This position is taken by another figure.'), models.CheckConstraint(condition=models.Q(('square_kilometres__gt', 0)), name='area_figure_is_positive', violation_error_message='Give an area above zero.')],
            },
        ),
        migrations.CreateModel(
            name='PopulationFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('earliest', models.DateField(blank=True, null=True, verbose_name='earliest day')),
                ('latest', models.DateField(blank=True, null=True, verbose_name='latest day')),
                ('precision', models.CharField(choices=[('day', 'to the day'), ('month', 'to the month'), ('year', 'to the year'), ('year_end', 'end of the year'), ('range', 'between two days'), ('period', 'a period of months'), ('unknown', 'not documented')], default='unknown', max_length=8, verbose_name='precision of the date')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('value', models.PositiveIntegerField(verbose_name='inhabitants')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('note_de', models.CharField(blank=True, max_length=300, null=True, verbose_name='note')),
                ('note_en', models.CharField(blank=True, max_length=300, null=True, verbose_name='note')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='population_figures', to='municipalities.municipality')),
            ],
            options={
                'verbose_name': 'population figure',
                'verbose_name_plural': 'population figures',
                'ordering': ['position'],
                'constraints': [models.CheckConstraint(condition=models.Q(('earliest__isnull', True), ('latest__isnull', True), ('latest__gte', models.F('earliest')), _connector='OR'), name='populationfigure_latest_day_is_not_before_earliest', violation_error_message='The latest day lies before the earliest day.'), models.CheckConstraint(condition=models.Q(('precision', 'unknown'), models.Q(('earliest__isnull', False), ('latest__isnull', False)), _connector='OR'), name='populationfigure_known_date_has_both_bounds', violation_error_message='A documented date needs its earliest and latest day.'), models.CheckConstraint(condition=models.Q(('precision__in', ['day', 'month', 'year', 'year_end', 'range', 'period', 'unknown'])), name='populationfigure_precision_is_known', violation_error_message='Choose how exactly the date is known.'), models.UniqueConstraint(fields=('municipality', 'position'), name='population_figure_has_its_own_position', violation_error_message='This position is taken by another figure.'), models.CheckConstraint(condition=models.Q(('value__gt', 0)), name='population_figure_is_positive', violation_error_message='Give a number of inhabitants above zero.')],
            },
        ),
        migrations.CreateModel(
            name='Strength',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('text', models.CharField(max_length=400, verbose_name='text')),
                ('text_de', models.CharField(max_length=400, null=True, verbose_name='text')),
                ('text_en', models.CharField(max_length=400, null=True, verbose_name='text')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='strengths', to='municipalities.municipality')),
            ],
            options={
                'verbose_name': 'strength',
                'verbose_name_plural': 'strengths',
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('municipality', 'position'), name='strength_has_its_own_position', violation_error_message='This position is taken by another strength.')],
            },
        ),
        migrations.CreateModel(
            name='TopicRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sources', models.JSONField(blank=True, default=list, validators=[core.models.validate_sources], verbose_name='sources')),
                ('role', models.CharField(choices=[('gives', 'gives'), ('seeks', 'seeks'), ('mutual', 'gives and seeks')], max_length=6, verbose_name='role')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('note_de', models.CharField(blank=True, max_length=300, null=True, verbose_name='note')),
                ('note_en', models.CharField(blank=True, max_length=300, null=True, verbose_name='note')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='topic_roles', to='municipalities.municipality')),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to='municipalities.topic')),
            ],
            options={
                'verbose_name': 'role on a topic',
                'verbose_name_plural': 'roles by topic',
                'constraints': [models.UniqueConstraint(fields=('municipality', 'topic', 'role'), name='topic_role_is_named_once', violation_error_message='This role is already named for the topic.'), models.CheckConstraint(condition=models.Q(('role__in', ['gives', 'seeks', 'mutual'])), name='topic_role_is_known', violation_error_message='Choose whether the municipality gives or seeks.')],
            },
        ),
    ]
