"""Ways in that were tried on the running portal, each closed again."""

from __future__ import annotations

import datetime as dt
import logging
import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from accounts import actions
from accounts.models import Invitation, User
from core.outbox import forget_address, write_mail
from tests.factories import (
    CallFactory,
    InvitationFactory,
    MunicipalityFactory,
    UserFactory,
    make_user,
    sign_in,
)
from tests.reading import read
from vernetzt.logs import JsonFormatter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
LOGIN, RESET, SIGN_UP = (
    "/de/accounts/login/",
    "/de/accounts/password/reset/",
    "/de/accounts/signup/",
)
PASSWORD, OTHER = "drei-blaue-Boote-im-Nebel", "vier-rote-Kutschen-am-Tor"


def person(role="contact", **fields):
    user = make_user(role)
    for name, value in fields.items():
        setattr(user, name, value)
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.filter(user=user).update(email=user.email)
    return user


def desk(role):
    client = Client(raise_request_exception=False)
    sign_in(client, make_user(role))
    return client


def open_call():
    now = timezone.now()
    day = dt.timedelta(days=1)
    CallFactory(state="open", opens_at=now - day, closes_at=now + day, time_zone="Europe/Berlin")


def link_in(mail):
    return re.search(r"http://localhost:8000(/\S+)", mail.message)[1]


def mails_to(address):
    return list(Email.objects.filter(to=address).order_by("pk"))


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("coordinator", "/admin/post_office/email/?message__regex=reset"),
        ("coordinator", "/admin/post_office/email/?to__contains=a"),
        ("coordinator", "/admin/post_office/log/?email__message__contains=a"),
        ("bbsr", "/admin/accounts/user/?password__startswith=pbkdf2"),
        ("bbsr", "/admin/accounts/user/?email__contains=a"),
        ("coordinator", "/admin/accounts/roleassignment/?user__password__startswith=p"),
    ],
)
def test_lists_of_the_administration_answer_no_questions_about_what_they_hide(role, path):
    Client().post(RESET, {"email": person().email})

    answer = desk(role).get(path)

    assert answer.status_code in {302, 400}
    assert answer.headers.get("Location", "?e=1").endswith("?e=1")


def test_filters_beside_a_list_still_work():
    assert (
        desk("bbsr").get("/admin/accounts/roleassignment/?role__exact=contact").status_code == 200
    )


def test_administration_has_no_way_of_its_own_to_change_a_password():
    answer = desk("bbsr").post("/admin/password_change/", {"old_password": "x"})

    assert answer.headers["Location"] == "/de/accounts/password/change/"


def test_port_in_the_host_header_lifts_no_limit(settings):
    settings.ALLOWED_HOSTS = ["portal.test"]
    user = person()

    for number in range(6):
        client = Client(headers={"Host": f"portal.test:{1000 + number}"})
        client.post(LOGIN, {"login": user.email, "password": "falsch"})
    right = Client(headers={"Host": "portal.test:2000"}).post(
        LOGIN, {"login": user.email, "password": PASSWORD}
    )

    assert right.status_code == 200


def test_many_requests_wash_no_counter_out_of_the_cache():
    """Django's own limit of the cache is 300 rows."""
    cache.set("first", 1)
    for number in range(400):
        cache.set(f"row-{number}", 1)

    assert cache.get("first") == 1


@pytest.mark.parametrize("spelling", ["＠", "+a@", "ONE"])
def test_no_spelling_gets_a_mailbox_more_than_five_mails(spelling):
    user = person(email="one@köln.example")
    variants = {
        "+a@": [f"one+{number}@köln.example" for number in range(8)],
        "ONE": ["one@köln.example", "ONE@KÖLN.example", "one@xn--kln-sna.example"] * 3,
        "＠": [f"one@{'ｋ' if number % 2 else 'k'}öln.example" for number in range(8)],
    }[spelling]

    for address in variants:
        Client().post(RESET, {"email": address})

    sent = [mail for mail in Email.objects.all() if mail.to[0].startswith("one")]
    assert len(sent) <= 5
    assert user.email == "one@köln.example"


def test_mail_for_a_domain_with_sharp_s_goes_to_no_other_domain():
    write_mail("mail/account_unknown", to="anna@straße.example", language="de", context={})

    assert Email.objects.get().to == ["anna@xn--strae-oqa.example"]
    assert forget_address("anna@straße.example") == 1


class CountingHasher(MD5PasswordHasher):
    """Counts the work that a sign-up takes."""

    algorithm = "counting"
    worked = 0

    def encode(self, password, salt):
        type(self).worked += 1
        return super().encode(password, salt)


@pytest.mark.parametrize("known", [True, False])
def test_sign_up_takes_as_much_work_for_a_known_as_for_an_unknown_address(known, settings):
    open_call()
    address = person().email if known else "free@pirna.example"
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    CountingHasher.worked = 0

    Client().post(SIGN_UP, {"email": address, "password1": OTHER})

    assert CountingHasher.worked == 1


def test_nobody_is_kept_out_by_an_account_that_a_stranger_never_confirmed():
    open_call()
    Client().post(SIGN_UP, {"email": "boss+zz@hamm.example", "password1": OTHER})
    invitation = InvitationFactory(email="boss@hamm.example", role="deputy")
    boss = Client()

    form = boss.post(invitation.link, follow=True)
    boss.post(SIGN_UP, {"email": "boss@hamm.example", "password1": PASSWORD})

    assert form.redirect_chain[-1][0] == SIGN_UP
    assert [row.role for row in User.objects.get().roles] == ["deputy"]


def test_nobody_is_kept_out_by_an_address_that_a_stranger_has_put_in():
    stranger = person()
    EmailAddress.objects.create(user=stranger, email="boss@hamm.example", verified=False)
    invitation = InvitationFactory(email="boss@hamm.example", role="deputy")
    boss = Client()

    boss.post(invitation.link)
    boss.post(SIGN_UP, {"email": "boss@hamm.example", "password1": PASSWORD})

    assert [row.role for row in User.objects.get(email="boss@hamm.example").roles] == ["deputy"]


def test_account_in_use_is_not_swept_away_by_a_link():
    user = person(email="boss@hamm.example")
    invitation = InvitationFactory(email=user.email, role="deputy")

    led = Client().post(invitation.link, follow=True)

    assert "Sie haben schon ein Konto" in read(led).main.text
    assert User.objects.filter(pk=user.pk).exists()


def test_account_of_an_operator_is_not_swept_away_by_a_link():
    operator = User.objects.create_superuser("ops@bbr.example", PASSWORD)
    invitation = InvitationFactory(email=operator.email, role="deputy")

    Client().post(invitation.link)

    assert User.objects.filter(pk=operator.pk).exists()


def test_address_is_given_to_nobody_by_a_stranger_who_clicks_the_link():
    attacker = person(email="attacker@example.org")
    client = Client()
    client.post(LOGIN, {"login": attacker.email, "password": PASSWORD})
    client.post("/de/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/de/accounts/email/", {"email": "victim@hamm.example", "action_add": ""})
    (asked,) = mails_to("victim@hamm.example")

    told = Client().post(link_in(asked), follow=True)

    attacker.refresh_from_db()
    assert attacker.email == "attacker@example.org"
    assert "Bitte melden Sie sich zuerst an" in told.content.decode()


def test_invitation_is_opened_by_its_mail_alone():
    user = person(None)
    invitation = InvitationFactory(email=user.email)
    client = Client()
    sign_in(client, user)

    page = client.get("/de/dashboard/").content.decode()

    assert "Öffnen Sie den Link darin" in page
    assert invitation.link not in page


def test_owner_of_the_mailbox_gets_in_while_somebody_locks_the_account():
    user = person()
    for _ in range(6):
        Client().post(LOGIN, {"login": user.email, "password": "falsch"})
    owner = Client()
    owner.post(RESET, {"email": user.email})
    form = owner.get(link_in(mails_to(user.email)[0]), follow=True)
    path = form.redirect_chain[-1][0]

    answer = owner.post(path, {"password1": OTHER, "password2": OTHER}, follow=True)

    assert answer.redirect_chain[-1][0] == "/de/dashboard/"


def test_staff_show_their_second_factor_after_a_reset_too():
    user = person("bbsr")
    owner = Client()
    owner.post(RESET, {"email": user.email})
    form = owner.get(link_in(mails_to(user.email)[0]), follow=True)

    owner.post(form.redirect_chain[-1][0], {"password1": OTHER, "password2": OTHER})

    assert owner.get("/de/dashboard/").headers["Location"] == "/de/accounts/2fa/"


@pytest.mark.parametrize("ended", ["blocked", "role over"])
def test_invitation_does_not_outlive_the_right_to_invite(ended):
    contact = make_user("contact")
    place = contact.roles[0].municipality
    row = actions.invite(
        email="neu@hamm.example", role="deputy", municipality=place, language="de", by=contact
    )
    if ended == "blocked":
        User.objects.filter(pk=contact.pk).update(is_active=False)
    else:
        contact.role_assignments.update(until=timezone.localdate() - dt.timedelta(days=1))
    invited = UserFactory(email="neu@hamm.example")
    client = Client()
    sign_in(client, invited)

    told = client.post(row.link, follow=True)

    assert "darf das inzwischen nicht mehr" in read(told).main.text
    assert invited.role_assignments.count() == 0
    assert Invitation.objects.get().accepted_at is None


def test_double_click_on_the_end_of_a_role_is_told():
    contact = make_user("contact")
    row = make_user("colleague", contact.roles[0].municipality).roles[0]
    row.since = timezone.localdate()
    row.save()
    client = Client()
    sign_in(client, contact)
    client.post(f"/de/accounts/roles/{row.pk}/end/")

    assert client.post(f"/de/accounts/roles/{row.pk}/end/").status_code == 404
    with pytest.raises(ValidationError):
        actions.end_role(assignment=row, by=contact)


@pytest.mark.parametrize("value", ['"aaaaaaaaaaaaaaaa\\000bbbbbbbb"', "../../x", "a" * 5_000, ""])
def test_forged_cookie_is_no_session_and_no_error(value):
    client = Client(raise_request_exception=False)
    client.cookies["session"] = value

    assert client.get("/de/dashboard/").status_code == 302
    assert client.get("/de/").status_code == 200


@pytest.mark.parametrize(
    "name", ["evil.example/login", "evil。example", "https:evil", "www.evil.example", "a@b", "<b>"]
)
def test_name_that_is_an_address_is_refused(name):
    user, client = person(), Client()
    sign_in(client, user)

    answer = client.post(
        "/de/accounts/profile/", {"name": name, "language": "de", "time_zone": "Europe/Berlin"}
    )

    assert "nur Ihren Namen" in read(answer).main.text
    user.refresh_from_db()
    assert user.name != name


@pytest.mark.parametrize(
    "name", ["Dr. Katrin Vogt", "Anna-Lena O’Neill", "J. R. Ó Sé", "Żofia Łoś"]
)
def test_names_of_people_are_taken(name):
    user, client = person(), Client()
    sign_in(client, user)

    client.post(
        "/de/accounts/profile/", {"name": name, "language": "de", "time_zone": "Europe/Berlin"}
    )

    user.refresh_from_db()
    assert user.name == name


@pytest.mark.parametrize(
    "path",
    [
        "/de/accounts/invitation/MQ:1abc:secret-token",
        "/fr/accounts/password/reset/key/7-secret-token/",
        "/de/accounts/password/reset/key/7-secret-token",
    ],
)
def test_mistyped_link_leaves_no_token_in_the_log(path, caplog, settings):
    logging.getLogger("vernetzt").setLevel(logging.INFO)
    with caplog.at_level(logging.INFO):
        Client().get(path)
        Client(enforce_csrf_checks=True).post(path, {"a": "b"})

    written = " ".join(JsonFormatter().format(record) for record in caplog.records)
    assert "secret-token" not in written


def test_row_that_the_database_quotes_stays_out_of_the_log():
    try:
        raise ValueError("duplicate key\nDETAIL:  Key (email)=(anna@hamm.example) already exists.")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "a", (), (ValueError, error, None))

    assert "anna@" not in JsonFormatter().format(record)


def test_sixty_second_limit_lets_somebody_go_on_who_clicks(settings, time_machine):
    settings.SESSION_IDLE_MINUTES = 1
    user, client = person(), Client()
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    client.post(LOGIN, {"login": user.email, "password": PASSWORD})

    statuses = []
    for number in range(1, 7):
        time_machine.move_to(start + dt.timedelta(seconds=20 * number), tick=False)
        statuses.append(client.get("/de/dashboard/").status_code)

    assert statuses == [200] * 6


def test_proxy_that_the_settings_do_not_know_is_told_once(caplog, settings):
    settings.TRUSTED_PROXY_COUNT = 0
    client = Client(headers={"X-Forwarded-For": "192.0.2.1"})

    with caplog.at_level(logging.WARNING, logger="vernetzt.proxy"):
        client.get("/healthz/")
        client.get("/healthz/")

    assert len(caplog.records) == 1
    assert "192.0.2.1" not in caplog.text


def test_mail_box_of_a_place_is_no_matter_of_municipality():
    """A second city may invite the same person; that is another role, not another account."""
    user = person()
    place = MunicipalityFactory()
    row = InvitationFactory(email=user.email.upper(), role="colleague", municipality=place)

    actions.accept_invitation(invitation=row, by=user)

    assert User.objects.count() == 1
    assert {role.role for role in User.objects.get().roles} == {"contact", "colleague"}
