"""axe-core, zoom, keyboard and the reader's preferences, on every page of the running portal."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

LANGUAGES = ("de", "en")
WIDTHS = (1280, 375)
SCHEMES = ("light", "dark")

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
# Opened first, because axe skips what is folded up. Where a generated shape hides a text's
# background from axe, it is asked again about the contrast without these shapes; what lies behind
# an open dialogue, too, it would take for its background. A page that is asked again as it was, in
# its other colours, with every element in its place, is asked about its colours alone.
RUN_AXE = """async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  document.querySelectorAll('details').forEach((part) => { part.open = true; });
  const places = [...document.querySelectorAll('*')].map((part) => {
    const box = part.getBoundingClientRect();
    return [box.x, box.y, box.width, box.height, getComputedStyle(part).visibility];
  });
  const met = document.documentElement.outerHTML + places.join('|');
  const isKnown = window.metBefore === met;
  window.metBefore = met;
  const result = await axe.run(isKnown ? {
    runOnly: ['color-contrast', 'link-in-text-block'], resultTypes: ['violations', 'incomplete'],
  } : {
    runOnly: {type: 'tag', values: tags},
    rules: {'target-size': {enabled: true}},
    resultTypes: ['violations', 'incomplete'],
  });
  const found = result.violations;
  if (result.incomplete.some((rule) => rule.id === 'color-contrast')) {
    const plain = new CSSStyleSheet();
    plain.replaceSync(`*::before, *::after { content: none !important; }
      :root:has(:modal) body :not(:modal, :modal *, :has(:modal)) { visibility: hidden; }`);
    document.adoptedStyleSheets = [plain];
    const again = await axe.run({
      runOnly: ['color-contrast'], resultTypes: ['violations', 'incomplete'],
    });
    document.adoptedStyleSheets = [];
    // The labels of the map have a halo in the colour of the sea; axe sees land behind them.
    const undecided = again.incomplete.flatMap((rule) => rule.nodes.map((node) => ({...rule,
      nodes: [node]}))).filter((rule) => !/^(\\.map > )?text\\b/.test(rule.nodes[0].target[0]));
    found.push(...again.violations, ...undecided);
  }
  return found.flatMap((rule) => rule.nodes.map((node) => {
    const colours = node.any.map((check) => check.data).find((data) => data?.fgColor);
    return `${rule.id} | ${node.target.join(' ')} | `
      + (colours ? `${colours.fgColor} on ${colours.bgColor}, ${colours.contrastRatio} : 1`
        : (node.failureSummary ?? rule.help).replace(/\\s+/g, ' '));
  }));
}"""

# Texts that leave the window, or that a box cuts off; what is shown to screen readers only is one
# pixel wide by intention, and a drawing scales as a whole.
LOST_TEXT = """() => {
  const lost = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    lost.push(`the page is ${root.scrollWidth} px wide in a window of ${root.clientWidth} px`);
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (!text.data.trim() || text.parentElement.closest('svg, script, .skip, option')) continue;
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {
      if (box.width <= 1) continue;
      if (box.left < -1 || box.right > root.clientWidth + 1) {
        lost.push(`"${text.data.trim()}" runs from ${box.left} to ${box.right} px`);
      }
      for (let around = text.parentElement; around; around = around.parentElement) {
        const frame = around.getBoundingClientRect();
        if (frame.width <= 1) break;
        const style = getComputedStyle(around);
        const cutX = style.overflowX !== 'visible'
          && (box.left < frame.left - 1 || box.right > frame.right + 1);
        const cutY = style.overflowY !== 'visible'
          && (box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
        if (cutX || cutY) lost.push(`"${text.data.trim()}" is cut off by .${around.className}`);
      }
    }
  }
  return [...new Set(lost)];
}"""

# WCAG 1.4.12: nothing may get lost when readers set these distances.
WIDER_TEXT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important;
        word-spacing: 0.16em !important; }
    p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""

# WCAG 2.5.8: 24 by 24 pixels that belong to the target, or a link within a sentence.
SMALL_TARGETS = """() => {
  const small = [];
  const selector = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
  for (const target of document.querySelectorAll(selector)) {
    const box = target.getBoundingClientRect();
    // What is hidden from assistive technology has its equal in the list beside it.
    if (target.closest('[aria-hidden=true]')) continue;
    if (!target.checkVisibility() || target.matches('.skip') || !box.width) continue;
    if (box.width >= 23.9 && box.height >= 23.9) continue;
    target.scrollIntoView({block: 'center', behavior: 'instant'});
    const seen = target.getBoundingClientRect();
    const x = seen.x + seen.width / 2, y = seen.y + seen.height / 2;
    const corners = [[-11.9, -11.9], [11.9, -11.9], [-11.9, 11.9], [11.9, 11.9]];
    if (corners.every(([right, down]) =>
      target.contains(document.elementFromPoint(x + right, y + down)))) continue;
    let block = target.parentElement;
    while (getComputedStyle(block).display === 'inline') block = block.parentElement;
    const own = target.innerText.trim(), around = block.innerText.trim();
    if (getComputedStyle(target).display === 'inline' && around.length > own.length) continue;
    small.push(`"${own}" in <${block.localName} class="${block.className}"> is `
      + `${box.width.toFixed(1)} x ${box.height.toFixed(1)} px`);
  }
  return small;
}"""

# The element with the focus: where it is, and how strong its ring is against what surrounds it.
FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const light = (colour) => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  let behind = element.parentElement;
  while (/^rgba\\(.*, 0\\)$/.test(getComputedStyle(behind).backgroundColor)) {
    behind = behind.parentElement;
  }
  const ground = light(getComputedStyle(behind).backgroundColor);
  const rings = [null, '::after'].map((part) => getComputedStyle(element, part))
    .filter((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)
    .map((style) => light(style.outlineColor))
    .map((ring) => (Math.max(ring, ground) + 0.05) / (Math.min(ring, ground) + 0.05));
  const box = element.getBoundingClientRect();
  return {
    name: `${element.localName} "${(element.innerText || element.name || '').trim()}"`,
    ring: Math.max(0, ...rings),
    inHeader: Boolean(element.closest('header')),
    x: box.x, y: box.y + box.height / 2,
    onScreen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""

MOVING_PARTS = """() => {
  const moving = [];
  for (const element of document.querySelectorAll('*')) {
    for (const part of [null, '::before', '::after']) {
      const style = getComputedStyle(element, part);
      const changes = style.transitionDuration.split(', ').some((time) => parseFloat(time) > 0);
      if (changes || style.animationName !== 'none' || style.scrollBehavior === 'smooth') {
        moving.push(`${element.localName}.${element.getAttribute('class') ?? ''}${part ?? ''}`);
      }
    }
  }
  return [...new Set(moving)];
}"""


def report(faults):
    """Return faults as text: each with where it was found."""
    where = defaultdict(list)
    for address, fault in faults:
        where[fault].append(str(address))
    return "\n" + "\n".join(
        f"{fault}\n    on {', '.join(pages[:3])}{' …' if pages[3:] else ''} ({len(pages)} times)"
        for fault, pages in sorted(where.items(), key=lambda entry: -len(entry[1]))
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_page_has_no_axe_finding(portal, new_page, visit, language, width):
    # Without movement, so that no colour is met half-way from one scheme to the other.
    page = new_page(width, reduced_motion="reduce")
    faults = []

    for address in portal.pages(language):
        visit(page, address)
        page.evaluate(AXE)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            faults += [(address, f"{fault} | {scheme}") for fault in page.evaluate(RUN_AXE)]

    assert not faults, report(faults)


# 1280 x 1024 pixels at 400 % leave 320 x 256.
@pytest.mark.parametrize(("height", "zoom"), [(640, 1), (256, 4)], ids=["320px", "400%"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_narrow_page_loses_no_text(portal, new_page, visit, language, height, zoom):
    page = new_page(320, height, device_scale_factor=zoom)
    faults = []

    for address in portal.pages(language):
        visit(page, address)
        faults += [(address, fault) for fault in page.evaluate(LOST_TEXT)]

    assert not faults, report(faults)


@pytest.mark.parametrize("width", [*WIDTHS, 320])
@pytest.mark.parametrize("language", LANGUAGES)
def test_wider_text_spacing_loses_no_text(portal, new_page, visit, language, width):
    page = new_page(width)
    faults = []

    for address in portal.kinds(language):
        visit(page, address)
        page.evaluate(WIDER_TEXT)
        faults += [(address, fault) for fault in page.evaluate(LOST_TEXT)]

    assert not faults, report(faults)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_are_large_enough(portal, new_page, visit, language, width):
    page = new_page(width)
    faults = []

    for address in portal.kinds(language):
        visit(page, address)
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        faults += [(address, fault) for fault in page.evaluate(SMALL_TARGETS)]

    assert not faults, report(faults)


@pytest.mark.parametrize("width", WIDTHS)
def test_first_tab_reaches_skip_link_which_leads_to_content(portal, new_page, visit, width):
    page = new_page(width)

    for address in portal.kinds("en"):
        visit(page, address)
        link = page.locator("a[href='#content']")
        expect(link).not_to_be_in_viewport()

        page.keyboard.press("Tab")
        expect(link).to_be_focused()
        expect(link).to_be_in_viewport(ratio=1)

        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        expect(link).not_to_be_in_viewport()


@pytest.mark.parametrize("width", WIDTHS)
def test_tab_order_of_header_follows_what_is_seen(new_page, visit, width):
    page = new_page(width)
    visit(page, "/en/tandems/")
    page.keyboard.press("Tab")
    stops = []

    page.keyboard.press("Tab")
    while (stop := page.evaluate(FOCUSED))["inHeader"]:
        stops.append(stop)
        page.keyboard.press("Tab")

    assert len(stops) == page.locator("header a").count()
    for before, after in pairwise(stops):
        to_the_right = after["x"] > before["x"] and abs(after["y"] - before["y"]) < 12
        further_down = after["y"] > before["y"] + 12
        assert to_the_right or further_down, f"{before['name']} comes before {after['name']}"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    "path",
    [
        "/en/",
        "/en/tandems/?topic=citizen-participation&country=DE",
        "/en/tandems/hamm-arezzo/",
        "/en/municipalities/?q=a",
        "/en/meetings/?page=2",
    ],
)
def test_focus_is_visible_at_every_stop(new_page, visit, path, scheme):
    # KERN scrolls smoothly; without movement each stop is in its place at once.
    page = new_page(color_scheme=scheme, reduced_motion="reduce")
    visit(page, path)
    stops, weak = 0, []

    page.keyboard.press("Tab")
    while stop := page.evaluate(FOCUSED):
        stops += 1
        if stop["ring"] < 3 or not stop["onScreen"]:
            weak.append(f"{stop['name']}: ring {stop['ring']:.1f} : 1, seen: {stop['onScreen']}")
        page.keyboard.press("Tab")

    # The keyboard came through the whole page and out of it again.
    assert stops > 15
    assert not weak, "\n".join(weak)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_forced_colours_keep_pairs_and_map(new_page, visit, pixels, scheme):
    page = new_page(forced_colors="active", color_scheme=scheme)
    visit(page, "/en/")

    for city in page.locator(".hero .pair__city").all():
        city.scroll_into_view_if_needed()
        box = city.bounding_box()
        marker = pixels(page.screenshot(clip=box | {"width": 20, "height": 32}))
        assert 0.05 < 1 - max(marker.values()) < 0.95, f"{city.inner_text()} has no marker"
    drawing = pixels(page.locator(".hero__map svg").screenshot())

    assert 0.02 < 1 - max(drawing.values()) < 0.95, "The map shows nothing."


def test_reduced_motion_stops_every_movement(portal, new_page, visit):
    page = new_page(reduced_motion="reduce")
    faults = []

    for address in portal.kinds("en"):
        visit(page, address)
        faults += [(address, fault) for fault in page.evaluate(MOVING_PARTS)]

    assert not faults, report(faults)


def test_language_of_page_is_the_one_of_its_path(html):
    assert {path: page.language for path, page in html.items()} == {
        path: path.split("/")[1] for path in html
    }


def test_page_has_one_first_heading_and_skips_no_level(html):
    faults = []
    for path, page in html.items():
        if page.headings.count(1) != 1 or page.headings[0] != 1:
            faults.append((path, f"h1 stands {page.headings.count(1)} times, or not first"))
        faults += [
            (path, f"h{lower} follows h{upper}")
            for upper, lower in pairwise(page.headings)
            if lower > upper + 1
        ]

    assert len(html) > 100
    assert not faults, report(faults)


def test_title_is_unique_across_the_portal(html):
    titles = defaultdict(list)
    for path, page in html.items():
        titles[page.title].append(path)

    assert "" not in titles
    assert {title: paths for title, paths in titles.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_title_of_a_state_differs_from_the_list(portal, new_page, visit, language):
    page = new_page()
    titles = {}

    for path in (f"/{language}/meetings/", f"/{language}/meetings/?page=2"):
        visit(page, path)
        titles[page.title()] = path

    assert len(titles) == 2, f"Two pages of a list share the title {next(iter(titles))}."
