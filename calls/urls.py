"""Addresses below /calls/."""

from __future__ import annotations

from django.urls import include, path

from calls.views import attaching, begin, partner, public, result, sending, writing

app_name = "calls"
#: Below /calls/<slug>/apply/<key>/: the pages of one application.
application = [
    path("", writing.overview, name="application"),
    path("send/", sending.send, name="send"),
    path("print/", sending.printed, name="print"),
    path("reopen/", sending.reopen, name="reopen"),
    path("withdraw/", sending.withdraw, name="withdraw"),
    path("begin-again/", sending.begin_again, name="begin-again"),
    path("bring-in/", sending.bring_in, name="bring-in"),
    path("versions/<int:number>/", sending.version, name="version"),
    path("versions/<int:number>/receipt.pdf", sending.receipt, name="receipt"),
    path("files/", attaching.files, name="files"),
    path("files/<uuid:file>/", attaching.file, name="file"),
    path("files/<uuid:file>/remove/", attaching.remove, name="remove-file"),
    path("colleagues/", attaching.colleagues, name="colleagues"),
    path("colleagues/<int:pk>/remove/", attaching.remove_colleague, name="remove-colleague"),
    path("result/", result.result, name="result"),
    path("partner/", partner.partner, name="partner"),
    path("partner/withdraw/", partner.withdraw_consent, name="partner-withdraw"),
    path("<slug:step>/", writing.step, name="step"),
]
urlpatterns = [
    path("", public.index, name="index"),
    path("join/<str:token>/", begin.join, name="join"),
    path("<slug:slug>/", public.detail, name="detail"),
    path("<slug:slug>/form/", public.form, name="form"),
    path("<slug:slug>/apply/", begin.begin, name="apply"),
    path("<slug:slug>/apply/ask/<int:pk>/", begin.ask, name="ask"),
    path("<slug:slug>/apply/<uuid:key>/", include(application)),
]
