"""Addresses of each configured identity provider; allauth asks for the first two names."""

from __future__ import annotations

from django.urls import path

from accounts.oidc import views

#: Behind the language prefix, for people.
urlpatterns = [
    path("<slug:provider_id>/login/", views.login, name="openid_connect_login"),
]
#: Without it, registered with the provider.
fixed_urlpatterns = [
    path("<slug:provider_id>/callback/", views.callback, name="openid_connect_callback"),
    path("<slug:provider_id>/logout/", views.backchannel_logout, name="openid_connect_logout"),
]
