"""Every address of the portal."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from accounts.oidc.urls import fixed_urlpatterns
from meetings.urls import internal_urls, workspace_urls as meetings_urls
from meetings.views import feeds
from tandems.urls import workspace_urls as tandems_urls
from vernetzt import views

#: The internal area of a partnership: what several apps put into it has one name.
workspace_urls = [*tandems_urls, *meetings_urls]

urlpatterns = [
    path("", views.choose_language, name="choose-language"),
    path("admin/", admin.site.urls),
    path("healthz/", views.healthz, name="healthz"),
    path("readyz/", views.readyz, name="readyz"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", views.sitemap_part, name="sitemap-part"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("oidc/", include(fixed_urlpatterns)),
    *i18n_patterns(
        path("", views.start, name="start"),
        path("programme/", views.programme, name="programme"),
        path("tandems/<slug:slug>/calendar.ics", feeds.of_partnership, name="tandem-calendar"),
        path("tandems/", include("tandems.urls")),
        path("tandems/<slug:slug>/workspace/", include((workspace_urls, "workspace"))),
        path("municipalities/", include("municipalities.urls")),
        path("meetings/", include((internal_urls, "meeting"))),
        path("meetings/", include("meetings.urls")),
        path("calendar/<str:token>.ics", feeds.personal, name="personal-calendar"),
        path("calls/", include("calls.urls")),
        path("dashboard/", views.dashboard, name="dashboard"),
        path("accounts/", include("accounts.urls")),
        path("accounts/", include("allauth.account.urls")),
        path("accounts/2fa/", include("allauth.mfa.urls")),
        path("accounts/sessions/", include("allauth.usersessions.urls")),
        path("accounts/oidc/", include("accounts.oidc.urls")),
        path("accounts/connections/", include("allauth.socialaccount.urls")),
        path("", include("editorial.urls")),
    ),
]

handler400 = "vernetzt.errors.bad_request"
handler403 = "vernetzt.errors.permission_denied"
handler404 = "vernetzt.errors.page_not_found"
handler500 = "vernetzt.errors.server_error"
