"""Sign-in through the identity providers of organisations, by OpenID Connect.

allauth's provider, checked more strictly: every identity token carries the nonce of its request and
a valid signature, and both answers of the provider name the same subject (OpenID Connect Core 1.0,
sections 3.1.3.7 and 5.3.2).
"""
