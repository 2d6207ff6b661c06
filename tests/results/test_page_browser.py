"""The pages of reports in a real browser, without a screen and without a network."""

import base64
import io
import json
import re

import pytest
from support.browser import NEEDS_BROWSER, start_browser
from support.results.pages import BREAKOUT, EVIL, comparison, layer, network, study, write

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = start_browser(tmp_path_factory.mktemp("chromium"))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Pages of all kinds, and of names that try to become code."""
    place, both, one = tmp_path_factory.mktemp("pages"), comparison(), layer()
    write(place / "layer.json", one)
    write(place / "network.json", network(both))
    write(place / "comparison.json", both)
    write(place / "study.csv", study())
    write(place / "large.csv", study(10_000))
    for name, text in (("evil", EVIL), ("breakout", BREAKOUT)):
        write(place / f"{name}.json", {**one, "workload": text, "title": text, "notes": [text]})
    frame = study()
    frame.loc[5, "time_us"] = None
    frame.loc[6, "workload"] = EVIL
    write(place / "gaps.csv", frame)
    return place


@pytest.fixture
def visit(browser, folder):
    """Opens a page as a reader would; the console must stay empty and nothing be fetched."""

    def go(name, width=1280):
        metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        for kind in ("browser", "performance"):
            browser.get_log(kind)
        browser.get((folder / f"{name}.html").as_uri())
        return browser

    yield go
    assert browser.get_log("browser") == []
    asked = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = [one["params"]["request"]["url"] for one in asked if one["method"] == "Network.requestWillBeSent"]
    assert [url for url in urls if not url.startswith(("file:", "data:"))] == []


def table_of(browser, head):
    """The part of the page that holds the table with this first head."""
    grids = browser.find_elements("css selector", ".grid")
    return next(one for one in grids if one.find_element("css selector", "th").text.startswith(head))


def column(browser, grid, number):
    """The texts of a column in the rows that are seen."""
    return browser.execute_script(
        "return [...arguments[0].querySelectorAll('tbody tr')].filter(row => row.offsetParent !== null)"
        ".map(row => row.cells[arguments[1]].textContent)",
        grid,
        number,
    )


def button(grid, name):
    return next(one for one in grid.find_elements("css selector", "th button") if one.text.startswith(name))


KINDS = ("layer", "network", "comparison", "study", "evil", "breakout", "gaps")


@pytest.mark.parametrize("name", KINDS)
def test_a_page_comes_up_and_its_script_has_run(visit, name):
    page = visit(name)
    assert page.execute_script("return document.compatMode") == "CSS1Compat"
    assert page.execute_script("return document.querySelectorAll('th').length === 0") is False
    assert page.execute_script("return [...document.querySelectorAll('th')].every(th => th.querySelector('button'))")
    sizes = page.execute_script(
        "return [...document.querySelectorAll('svg')].map(svg => [svg.clientWidth, svg.getBBox().width])"
    )
    assert all(width > 500 and drawn > 100 for width, drawn in sizes)
    assert len(sizes) >= 1


@pytest.mark.parametrize("name", KINDS)
def test_at_the_width_of_a_phone_only_boxes_scroll(visit, name):
    page = visit(name, width=360)
    assert page.execute_script("return document.documentElement.scrollWidth") <= 360
    over = page.execute_script(
        "return [...document.querySelectorAll('body *')].filter(one => !one.closest('.scroll, .skip')"
        " && one.getBoundingClientRect().right > 361).map(one => one.outerHTML.slice(0, 80))"
    )
    assert over == []


def test_numbers_sort_as_numbers_and_text_as_text(visit):
    page = visit("gaps")
    frame = study()
    grid = table_of(page, "PEs")
    button(grid, "cycles").click()
    assert column(page, grid, 2) == [f"{value:,}" for value in sorted(frame["cycles"])[:50]]
    button(grid, "cycles").click()
    assert column(page, grid, 2) == [f"{value:,}" for value in sorted(frame["cycles"])[:-51:-1]]
    button(grid, "workload").click()
    assert column(page, grid, 1)[0] == EVIL
    assert set(column(page, grid, 1)[1:]) == {"a"}
    button(grid, "time").click()
    for _ in range(2):
        for _ in range(3):
            next_page(grid).click()
        assert column(page, grid, 3)[-1] == "-"  # what is missing comes last, up and down
        button(grid, "time").click()


def next_page(grid):
    return grid.find_elements("css selector", ".controls button")[1]


def test_sorting_keeps_the_order_of_equals(visit):
    page = visit("study")
    grid = table_of(page, "PEs")
    button(grid, "PEs").click()
    assert column(page, grid, 2)[:3] == ["10,000", "9,951", "9,902"]


def test_sorting_uses_exact_values(visit):
    page = visit("layer")
    grid = table_of(page, "unit")
    button(grid, "share").click()
    rows = list(zip(column(page, grid, 0), column(page, grid, 2), strict=True))
    pes = [int(cycles.replace(",", "")) for unit, cycles in rows if unit == "PE"]
    assert pes == sorted(pes)


def test_filtering(visit):
    page = visit("study")
    grid = table_of(page, "PEs")
    box, status = grid.find_element("css selector", "input"), grid.find_element("css selector", "[role=status]")
    assert status.text == "rows 1 to 50 of 200"
    box.send_keys("64 B")
    expected = [row for row in study().itertuples(index=False) if row.workload == "b" and "64" in html_text(row)]
    assert len(expected) > 3
    assert column(page, grid, 2) == [f"{row.cycles:,}" for row in expected[:50]]
    assert status.text == f"rows 1 to {len(expected)} of {len(expected)} found (200 in all)"
    box.clear()
    box.send_keys("no such row")
    assert column(page, grid, 0) == []
    assert status.text == "rows 0 to 0 of 0 found (200 in all)"


def html_text(row):
    return f"{row.pes}\n{row.cycles:,}\n{row.time_us:,.5g}\n{row.energy_uj}"


def test_turning_pages(visit):
    page = visit("study")
    grid = table_of(page, "PEs")
    back, on = grid.find_elements("css selector", ".controls button")
    assert not back.is_enabled()
    seen = column(page, grid, 2)
    while on.is_enabled():
        on.click()
        seen += column(page, grid, 2)
    assert seen == [f"{value:,}" for value in study()["cycles"]]
    back.click()
    assert grid.find_element("css selector", "[role=status]").text == "rows 101 to 150 of 200"


def test_a_keyboard_is_enough(visit):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    page = visit("study")

    def press(*keys):
        ActionChains(page).send_keys(*keys).perform()
        return page.switch_to.active_element

    assert press(Keys.TAB).text == "Skip to the content"
    assert page.execute_script("return document.activeElement.getBoundingClientRect().left") >= 0
    assert press(Keys.ENTER).get_attribute("id") == "main"
    for _ in range(30):
        focused = press(Keys.TAB)
        if focused.text.startswith("cycles"):
            break
    assert focused.tag_name == "button"
    assert page.execute_script("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    head = page.execute_script("return document.activeElement.parentElement")
    assert head.get_attribute("aria-sort") == "none"
    press(Keys.ENTER)
    assert head.get_attribute("aria-sort") == "ascending"
    grid = table_of(page, "PEs")
    assert column(page, grid, 2)[0] == f"{study()['cycles'].min():,}"
    assert press(Keys.SPACE) == focused
    assert head.get_attribute("aria-sort") == "descending"
    others = grid.find_elements("css selector", "th:not([aria-sort=none])")
    assert others == [head]


@pytest.mark.parametrize(("name", "text"), [("evil", EVIL), ("breakout", BREAKOUT)])
def test_names_that_look_like_code_are_shown(visit, name, text):
    page = visit(name)
    assert page.find_element("css selector", "h1").text.startswith(text)
    assert page.title.startswith(text)
    assert page.execute_script("return document.images.length") == 0
    data = page.execute_script("return JSON.parse(document.getElementById('data').textContent)")
    assert data["workload"] == text


def test_code_that_got_in_would_not_run(visit):
    page = visit("layer")
    page.execute_script(
        "const script = document.createElement('script'); script.textContent = 'window.got = 1';"
        "document.body.append(script)"
    )
    assert page.execute_script("return window.got ?? null") is None
    (entry,) = page.get_log("browser")
    assert "Content Security Policy" in entry["message"]


def test_ten_thousand_rows_open_sort_and_filter(visit):
    page = visit("large")
    grid = table_of(page, "PEs")
    assert grid.find_element("css selector", "[role=status]").text == "rows 1 to 50 of 10000"
    button(grid, "cycles").click()
    assert column(page, grid, 2)[0] == f"{10_000 - 7 * 9_999:,}"
    grid.find_element("css selector", "input").send_keys("9,993")
    assert "9,993" in column(page, grid, 2)


def test_all_rows_are_printed_and_no_controls(visit):
    from pypdf import PdfReader

    page = visit("study")
    grid = table_of(page, "PEs")
    grid.find_element("css selector", "input").send_keys("10,000")
    assert column(page, grid, 2) == ["10,000"]
    pdf = page.execute_cdp_cmd("Page.printToPDF", {})
    text = "\n".join(one.extract_text() for one in PdfReader(io.BytesIO(base64.b64decode(pdf["data"]))).pages)
    words = text.split()
    missing = [value for value in study()["cycles"] if f"{value:,}" not in words]
    assert missing == []
    assert "Filter" not in words
    assert "Skip" not in words
    assert "Next" not in words


@pytest.mark.parametrize("name", ["layer", "comparison"])
def test_nothing_is_cut_on_paper(visit, name):
    page = visit(name, width=1000)  # A4 on its side is 1032 pixels wide within its margins
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    over = page.execute_script(
        "return [...document.querySelectorAll('td, th, dd, svg')].filter(one =>"
        " one.getBoundingClientRect().right > 1001).map(one => one.outerHTML.slice(0, 80))"
    )
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert over == []


def luminance(colour):
    shares = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_by_day_and_by_night(visit, scheme):
    page = visit("layer")
    feature = {"name": "prefers-color-scheme", "value": scheme}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    ground = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    for selector in ("h1", "a[href='#s0']", "dt", "td", "figcaption", "th button"):
        own = page.execute_script("return getComputedStyle(document.querySelector(arguments[0])).color", selector)
        low, high = sorted((luminance(own), luminance(ground)))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (selector, own, ground)
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert (luminance(ground) < 0.1) == (scheme == "dark")
