"""What a visitor meets: ways through the portal, filters, weight, privacy, links, print."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

LANGUAGES = ("de", "en")
WIDTHS = (1280, 375)

# How far the page moved by itself so far (Cumulative Layout Shift), when two more pictures of it
# were painted; the observer reports what it kept from the start.
LAYOUT_SHIFT = """async () => {
  await document.fonts.ready;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return new Promise((done) => {
    const total = (shifts) => shifts.filter((shift) => !shift.hadRecentInput)
      .reduce((sum, shift) => sum + shift.value, 0);
    let moved = 0;
    const watch = new PerformanceObserver((list) => { moved += total(list.getEntries()); });
    watch.observe({type: 'layout-shift', buffered: true});
    requestAnimationFrame(() => setTimeout(() => {
      done(moved + total(watch.takeRecords()));
    }));
  });
}"""

FIRST_PAINT = """() => new Promise((done) => {
  new PerformanceObserver((list) => {
    if (list.getEntriesByName('first-contentful-paint').length) done(true);
  }).observe({type: 'paint', buffered: true});
})"""

# Everything a page could leave on a visitor's device.
LEFT_BEHIND = """async () => ({
  cookies: document.cookie,
  local: Object.keys(localStorage),
  session: Object.keys(sessionStorage),
  databases: (await indexedDB.databases()).map((database) => database.name),
  caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""

BRIGHTNESS = """(selector) => {
  const colour = getComputedStyle(document.querySelector(selector)).backgroundColor;
  return colour.match(/[\\d.]+/g).slice(0, 3).reduce((sum, part) => sum + part / 765, 0);
}"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_visitor_without_script_finds_the_way_to_the_call(portal, new_page, language):
    page = new_page(java_script_enabled=False)
    home = f"{portal.url}/{language}"
    main, header = page.locator("main"), page.locator("header")
    page.goto(f"{home}/")

    main.locator(f".pairs a[href='/{language}/tandems/hamm-arezzo/']").click()
    expect(page).to_have_url(f"{home}/tandems/hamm-arezzo/")

    page.get_by_role("heading", level=1).get_by_role("link", name="Arezzo").click()
    expect(page).to_have_url(f"{home}/municipalities/arezzo/")

    main.locator(f"a[href^='/{language}/meetings/'][href$='-in-hamm/']").click()
    expect(page).to_have_url(re.compile(f"{home}/meetings/[0-9]+/delegation-from-arezzo-in-hamm/"))

    header.locator(f"a[href='/{language}/calls/']").click()
    main.get_by_role("heading", level=2).get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(f"{home}/calls/[a-z0-9-]+/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Europ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_map_stands_beside_a_list_that_names_every_partnership(portal, new_page, visit, language):
    page = new_page()
    visit(page, f"/{language}/")
    partnerships = [path for path in portal.listed(language) if re.search("/tandems/.+", path)]

    drawing, items = page.locator("main svg.map"), page.locator(".hero .pairs > li")

    assert len(partnerships) == 8
    expect(drawing).to_be_visible()
    drawn = drawing.locator("a:has(.map__arc)")
    assert {arc.get_attribute("href") for arc in drawn.all()} == set(partnerships)
    assert drawing.locator(".map__arc").count() >= len(partnerships)
    linked = [item.get_by_role("link").get_attribute("href") for item in items.all()]
    assert sorted(linked) == sorted(partnerships)
    named = " ".join(items.all_inner_texts())
    for city in drawing.locator("text").all_text_contents():
        assert city in named


# Where two thirds of an arc are on the screen.
POINT_ON_ARC = """(arc) => {
  const point = arc.getPointAtLength(arc.getTotalLength() * 2 / 3);
  const place = point.matrixTransform(arc.getScreenCTM());
  return [place.x, place.y];
}"""


def test_map_leads_whoever_points_at_an_arc_or_a_name(new_page, visit):
    page = new_page()
    visit(page, "/en/")
    drawing = page.locator("main svg.map")

    drawing.locator("a:has(text)", has_text="Arezzo").click()
    assert urlsplit(page.url).path == "/en/municipalities/arezzo/"

    visit(page, "/en/")
    arc = page.locator("main svg.map a[href$='/hamm-arezzo/'] .map__arc")
    arc.scroll_into_view_if_needed()
    # Beside the line, two thirds of the way to Arezzo, where no other arc runs.
    x, y = arc.evaluate(POINT_ON_ARC)
    page.mouse.click(x + 4, y)
    expect(page).to_have_url(re.compile("/en/tandems/hamm-arezzo/$"))


@pytest.mark.parametrize("width", [375, 320])
@pytest.mark.parametrize("language", LANGUAGES)
def test_filters_are_folded_up_on_a_phone_and_stand_two_in_a_row(new_page, visit, language, width):
    page = new_page(width, 812, java_script_enabled=False)

    visit(page, f"/{language}/meetings/")

    # What is looked for begins on the first screen.
    assert page.locator("#coming").bounding_box()["y"] < 750
    expect(page.locator(".filter")).not_to_be_visible()
    page.locator(".filters summary").click()
    boxes = [select.bounding_box() for select in page.locator(".filter select").all()]
    rows = [(round(box["y"]), round(box["x"])) for box in boxes]
    for (top, left), (beside, right) in zip(rows[::2], rows[1::2], strict=False):
        assert (top, left < right) == (beside, True)
    assert len({top for top, _left in rows}) == (len(rows) + 1) // 2
    # All seven take little more than half a screen.
    assert page.locator(".filter").bounding_box()["height"] < 450


@pytest.mark.parametrize("language", LANGUAGES)
def test_filter_lives_in_the_address_and_its_chips_remove_it(new_page, visit, language):
    page = new_page(java_script_enabled=False)
    cards, chips = page.locator("main .card"), page.locator(".chips a")
    topic, country = page.locator("select[name=topic]"), page.locator("select[name=country]")
    visit(page, f"/{language}/tandems/")
    everything = cards.count()

    topic.select_option("citizen-participation")
    country.select_option("RO")
    page.get_by_role("search").get_by_role("button").click()

    assert parse_qs(urlsplit(page.url).query) == {
        "topic": ["citizen-participation"],
        "country": ["RO"],
    }
    expect(topic).to_have_value("citizen-participation")
    expect(country).to_have_value("RO")
    expect(chips).to_have_count(2)
    narrowed = cards.count()
    assert 0 < narrowed < everything

    page.reload()
    expect(country).to_have_value("RO")
    assert cards.count() == narrowed

    chips.last.click()
    assert parse_qs(urlsplit(page.url).query) == {"topic": ["citizen-participation"]}
    expect(topic).to_have_value("citizen-participation")
    expect(country).to_have_value("")

    chips.click()
    assert urlsplit(page.url).query == ""
    expect(chips).to_have_count(0)
    assert cards.count() == everything


def test_language_switch_keeps_page_and_query(portal, new_page, visit, read_html):
    both = list(zip(portal.kinds("de"), portal.kinds("en"), strict=True))
    for german, english in both:
        assert english.path in read_html(portal.fetch(german).body.decode()).links
        assert german.path in read_html(portal.fetch(english).body.decode()).links

    page = new_page()
    german, english = next(pair for pair in both if "&" in pair[0].path)
    visit(page, german)
    page.locator("header a[hreflang=en]").click()
    assert page.url == f"{portal.url}{english}"
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_page_asks_no_foreign_host_and_breaks_no_rule(portal, new_page, visit, language, scheme):
    page = new_page(color_scheme=scheme)
    own_hosts = {f"{kind.host}:{portal.port}" for kind in portal.kinds(language)}
    faults = []

    def watch_request(request):
        parts = urlsplit(request.url)
        if parts.scheme != "data" and parts.netloc not in own_hosts:
            faults.append((str(address), "foreign", request.url))

    def watch_failure(request):
        # The icon of a page that is left at once is not waited for.
        if request.failure != "net::ERR_ABORTED":
            faults.append((str(address), request.failure, request.url))

    def watch_console(message):
        # Chromium notes the status of an error page as an error.
        if not (address.status != 200 and message.text.startswith("Failed to load resource")):
            faults.append((str(address), message.type, message.text))

    page.on("request", watch_request)
    page.on("requestfailed", watch_failure)
    page.on("console", watch_console)
    page.on("pageerror", lambda error: faults.append((str(address), "script", str(error))))
    page.add_init_script(
        "addEventListener('securitypolicyviolation',"
        " (event) => console.error(`${event.violatedDirective} ${event.blockedURI}`))"
    )

    for address in portal.kinds(language):
        visit(page, address)

    assert faults == []


def test_visit_leaves_nothing_on_the_device(portal, new_page, visit):
    page = new_page()

    for address in portal.kinds("de"):
        visit(page, address)

    assert page.context.cookies() == []
    visit(page, "/de/")
    assert page.evaluate(LEFT_BEHIND) == {
        "cookies": "",
        "local": [],
        "session": [],
        "databases": [],
        "caches": [],
        "workers": 0,
    }


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_first_visit_of_the_start_page_is_light(new_page, visit, language, width):
    page = new_page(width)
    wire = page.context.new_cdp_session(page)
    answers, sizes = {}, {}
    wire.on("Network.responseReceived", lambda event: answers.update({event["requestId"]: event}))
    wire.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    wire.send("Network.enable")

    visit(page, f"/{language}/")
    page.wait_for_load_state("networkidle")

    loads = {
        answers[number]["response"]["url"]: (answers[number], size)
        for number, size in sizes.items()
        if not answers[number]["response"]["url"].startswith("data:")
    }
    weight = "\n".join(f"{size:7.0f} {url}" for url, (_answer, size) in loads.items())
    (document, html_size), *_others = (
        entry for entry in loads.values() if entry[0]["type"] == "Document"
    )
    headers = {name.lower(): text for name, text in document["response"]["headers"].items()}
    assert headers["content-encoding"] == "br"
    assert html_size <= 25_000, weight
    assert len(loads) <= 12, weight
    assert sum(size for _answer, size in loads.values()) <= 250_000, weight


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_start_page_stays_in_place(new_page, visit, language, width):
    page = new_page(width)

    visit(page, f"/{language}/")

    assert page.evaluate(LAYOUT_SHIFT) < 0.05


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_start_page_stays_in_place_when_fonts_come_late(portal, new_page, language, width):
    page = new_page(width)
    held, painted = [], []

    def hold_until_painted(route):
        if painted:
            route.continue_()
        else:
            held.append(route)

    page.route("**/*.woff2", hold_until_painted)
    page.goto(f"{portal.url}/{language}/", wait_until="commit")

    page.evaluate(FIRST_PAINT)
    painted.append(True)
    for font in held:
        font.continue_()

    assert held
    assert page.evaluate(LAYOUT_SHIFT) < 0.05


def test_every_link_and_anchor_leads_somewhere(portal, html, read_html):
    pages, others, faults = dict(html), {}, []
    waiting = [(path, link) for path, page in html.items() for link in page.links]

    while waiting:
        source, link = waiting.pop()
        address, anchor = urldefrag(urljoin(f"{portal.url}{source}", link))
        if not address.startswith(f"{portal.url}/"):
            continue
        path = address.removeprefix(portal.url)
        if path not in pages and path not in others:
            answer = portal.fetch(path)
            # The bare address chooses the language, the own area asks for a sign-in.
            onward = {"/", *(f"/{language}/dashboard/" for language in LANGUAGES)}
            if answer.status != (302 if path in onward else 200):
                faults.append(f"{source} links to {path}: {answer.status}")
            if answer.headers["Content-Type"].startswith("text/html") and answer.status == 200:
                pages[path] = read_html(answer.body.decode())
                waiting += [(path, further) for further in pages[path].links]
            else:
                others[path] = set(re.findall(rb'\bid="([^"]+)"', answer.body))
        known = pages[path].ids if path in pages else [text.decode() for text in others[path]]
        if anchor and anchor not in known:
            faults.append(f"{source} links to {path}#{anchor}, which is not there")

    assert not faults, "\n".join(sorted(set(faults)))
    assert len(pages) > 150
    assert any(path.endswith(".ics") for path in others)
    assert any(path.endswith(".atom") for path in others)


def test_every_page_of_the_sitemap_is_linked_from_another(portal, html):
    linked = {
        urldefrag(urljoin(f"{portal.url}{source}", link))[0].removeprefix(portal.url)
        for source, page in html.items()
        for link in page.links
        if urlsplit(link).path != source
    }

    assert set(html) <= linked


def test_identifier_stands_once_on_a_page(html):
    doubled = {
        path: sorted({name for name in page.ids if page.ids.count(name) > 1})
        for path, page in html.items()
    }

    assert {path: names for path, names in doubled.items() if names} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_print_shows_the_text_without_navigation(portal, new_page, visit, scheme):
    page = new_page(color_scheme=scheme)

    for address in portal.kinds("de"):
        page.emulate_media(media="screen")
        visit(page, address)
        page.emulate_media(media="print")
        shown = [part for part in page.locator("nav, form, .skip").all() if part.is_visible()]
        assert [part.inner_text() for part in shown] == [], str(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate(BRIGHTNESS, "body") > 0.99, str(address)


@pytest.mark.parametrize(
    ("path", "name", "subset", "other"),
    [
        ("/de/municipalities/sofia/", "София", "cyrillic", "greek"),
        ("/de/municipalities/vari-voula-vouliagmeni/", "Βάρη-Βούλα", "greek", "cyrillic"),
        ("/de/municipalities/arezzo/", None, None, "greek|cyrillic"),
    ],
)
def test_local_name_is_shown_in_our_font_and_no_other_subset_is_loaded(
    new_page, visit, path, name, subset, other
):
    page = new_page()
    fonts = []
    page.on("request", lambda request: fonts.append(request.url))

    visit(page, path)

    loaded = " ".join(url for url in fonts if url.endswith(".woff2"))
    assert "fira-sans-latin-" in loaded
    assert not re.search(f"fira-sans-({other})-", loaded), loaded
    if subset:
        assert f"fira-sans-{subset}-" in loaded
        wire = page.context.new_cdp_session(page)
        wire.send("DOM.enable")
        wire.send("CSS.enable")
        root = wire.send("DOM.getDocument")["root"]["nodeId"]
        found = wire.send("DOM.querySelector", {"nodeId": root, "selector": "main .local"})
        expect(page.locator("main .local")).to_contain_text(name)
        used = wire.send("CSS.getPlatformFontsForNode", {"nodeId": found["nodeId"]})["fonts"]
        assert {(font["familyName"], font["isCustomFont"]) for font in used} == {
            ("Fira Sans", True)
        }


@pytest.mark.parametrize("path", ["/de/", "/de/tandems/", "/de/imprint/"])
def test_dark_mode_changes_the_background(new_page, visit, path):
    page = new_page()
    brightness = {}

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        visit(page, path)
        brightness[scheme] = [page.evaluate(BRIGHTNESS, part) for part in ("body", ".masthead")]

    assert min(brightness["light"]) > 0.9
    assert max(brightness["dark"]) < 0.2


def test_server_log_reports_no_fault(portal):
    for language in LANGUAGES:
        for address in portal.kinds(language):
            assert portal.fetch(address).status == address.status

    # The line of this request comes after all others.
    last = portal.fetch("/end-of-this-test/")
    assert portal.log.wait_for(last.headers["X-Request-ID"])
    assert portal.log.faults() == []
