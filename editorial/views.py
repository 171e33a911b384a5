"""News, feed and standing pages."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape, format_html
from django.utils.translation import get_language, gettext as _

from core.pages import list_page, public_page
from core.templatetags.core_tags import written_in
from core.text import clean_text, json_ld, render_markdown
from editorial.models import Article, Page, page_text

PER_PAGE = 12
FEED_LENGTH = 30


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """List the news, the newest first."""
    rows = Article.objects.visible_on(timezone.localdate()).select_related("tandem")
    return render(request, "news/index.html", {"list": list_page(request, rows, per_page=PER_PAGE)})


@public_page
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a news story."""
    articles = Article.objects.visible_on(timezone.localdate()).select_related("tandem")
    story = get_object_or_404(articles, slug=slug)
    context = {
        "article": story,
        "cities": story.municipalities.by_name(),
        "json_ld": json_ld(
            "NewsArticle",
            headline=story.title,
            description=story.teaser,
            datePublished=story.published_on.isoformat(),
            url=f"{settings.PUBLIC_URL}{story.get_absolute_url()}",
            inLanguage=written_in(story, "body")[1],
            publisher={"@type": "Organization", "name": "#vernetztinEuropa"},
        ),
    }
    return render(request, "news/article.html", context)


class StableFeed(Atom1Feed):
    """An Atom feed that says nothing new while there is nothing new, even when it is empty."""

    def latest_post_date(self) -> dt.datetime:
        """Return the newest date of the items; without any, the beginning of the epoch."""
        return super().latest_post_date() if self.items else dt.datetime.fromtimestamp(0, dt.UTC)


@public_page
def feed(request: HttpRequest) -> HttpResponse:
    """Return the news as an Atom feed (RFC 4287)."""
    language = get_language() or "de"
    atom = StableFeed(
        title=_("#connectedinEurope: news"),
        link=f"{settings.PUBLIC_URL}{reverse('editorial:index')}",
        description=_("News of the European peer-learning network"),
        language=language,
        author_name="#vernetztinEuropa",
        feed_url=f"{settings.PUBLIC_URL}{request.path}",
    )
    for story in Article.objects.visible_on(timezone.localdate())[:FEED_LENGTH]:
        link = f"{settings.PUBLIC_URL}{story.get_absolute_url()}"
        published = dt.datetime.combine(
            story.published_on, dt.time(12), tzinfo=timezone.get_default_timezone()
        )
        atom.add_item(
            title=clean_text(story.title),
            link=link,
            # Atom says that a summary is HTML; ours is plain text.
            description=escape(clean_text(story.teaser)),
            unique_id=f"{settings.PUBLIC_URL}/news/{story.slug}",
            pubdate=published,
            updateddate=max(published, story.changed_at),
        )
    return HttpResponse(
        atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )


@public_page
def standing_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show a standing page, with the operator's data filled in."""
    page = Page.objects.filter(key=key).first()
    if page is None:
        raise Http404
    text, language = written_in(page, "body")
    missing = _("(not given for this installation)")
    body = render_markdown(page_text(text, settings.OPERATOR, missing))
    if language != get_language():
        body = format_html('<div lang="{}">{}</div>', language, body)
    context = {"standing": page, "body": body, "operator_is_known": bool(operator_name())}
    return render(request, "page.html", context)


def operator_name() -> str:
    """Return who operates this installation, or nothing in a demonstration."""
    return settings.OPERATOR["operator_name"]
