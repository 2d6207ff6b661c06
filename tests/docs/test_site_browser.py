"""The site in a real browser: its search finds pages, from a folder and over HTTP, and nothing is cut off."""

import functools
import http.server
import threading
import time

import pytest
from support.browser import NEEDS_BROWSER, start_browser
from support.site import shared_site

pytestmark = NEEDS_BROWSER
FOUND = {
    "limitations": "Limitations and assumptions",
    "fitted": "Validation",
    "install": "Five-minute start",
    "accuracy": "Accuracy",
    "licence": "Licence and citation",
    "add a machine": "Add a machine",
}
"""What a reader types, and a heading that must be among the first."""
FIRST, SECONDS = 6, 10
RESULTS = "return [...document.querySelectorAll('.md-search-result__item h1, .md-search-result__item h2')]"
CUT = """
return [...document.querySelectorAll('article img, article pre, article table, article p, article h1')]
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 2
        && !e.closest('.md-typeset__scrollwrap, .drawing, .frame, pre'))
    .map(e => e.tagName + ': ' + (e.alt || e.innerText || '').slice(0, 60))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return shared_site(tmp_path_factory)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = start_browser(tmp_path_factory.mktemp("chromium"), "--window-size=1280,900")
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def server(site):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    found = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{found.server_port}"
    found.shutdown()


def search(browser, page, words):
    """The first headings that the search of a page gives."""
    browser.get(page)
    latest = time.monotonic() + SECONDS
    while time.monotonic() < latest:
        time.sleep(0.3)
        browser.execute_script(
            "const e = document.querySelector('.md-search__input'); e.focus(); e.value = arguments[0];"
            "for (const name of ['input', 'keyup']) e.dispatchEvent(new Event(name, {bubbles: true}))",
            words,
        )
        time.sleep(0.3)
        found = browser.execute_script(f"{RESULTS}.map(e => e.innerText.trim()).filter(e => e)")
        if found:
            return found[:FIRST]
    return []


@pytest.mark.parametrize("words", FOUND)
def test_search_from_a_folder(browser, site, words):
    assert FOUND[words] in search(browser, f"file://{site}/index.html", words)


def test_search_over_http(browser, server):
    assert FOUND["limitations"] in search(browser, f"{server}/index.html", "limitations")


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_nothing_is_cut_off(browser, site, width, height):
    """Tables, drawings and code scroll within the page; all else fits."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        for page in sorted(site.rglob("*.html")):
            browser.get(f"file://{page}")
            whole, shown = browser.execute_script(
                "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            )
            assert whole <= shown, page.name
            assert browser.execute_script(CUT) == [], page.name
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
