"""The documentation: it builds strictly, nothing generated is stale, and its figures are those of the simulator."""

import hashlib
import re
from pkgutil import resolve_name

import pytest
from support.paths import ROOT
from support.site import build_site, shared_site

from docs.generate.configuration import comments
from docs.generate.everything import stale
from docs.generate.limitations import BULLET, first_sentence, numbers, rules, section
from docs.generate.validation import MACHINES, read
from simulator.core.published import CLASSES, used_by
from simulator.core.registry import find_paper
from simulator.machines import OURS

FRESH = {
    "eie": {"layers": ["nt-lstm", "alexnet-fc8"]},
    "ese": {"quantities": ["theoretical_us", "real_us", "gops", "power_w", "energy_ratio", "resources"]},
    "scnn": {"layers": ["alexnet"]},
    "sigma": {},
    "cambricon": {"rows_of": ["S inputs in conv", "cambricon_s"]},
}
"""The part of each machine's validation that is simulated again."""
LONG = {"ese", "scnn"}
"""Whose tables take more than a few seconds."""
PROJECTED = ("the paper's rule on its 64 PEs", "256 PEs simulated")
"""The rows of EIE's projection to 28 nm, each with every published figure."""
FETCHED = re.compile(r"<(?:script|img|iframe|source)[^>]*\ssrc=\"(?:https?:)?//|<link[^>]*href=\"(?:https?:)?//[^>]*>")
"""What a browser would fetch from elsewhere by itself."""
PAGES = [ROOT / "README.md", *(page for page in (ROOT / "docs").rglob("*.md") if page.name != "decisions.md")]
"""The page of decisions has a table of names that are gone."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return shared_site(tmp_path_factory)


def test_the_site_holds_every_page_and_fetches_nothing_from_elsewhere(site):
    pages = {page.name for page in site.glob("*.html")}
    assert pages >= {source.with_suffix(".html").name for source in (ROOT / "docs").glob("*.md")}
    for page in site.rglob("*.html"):
        assert not FETCHED.search(page.read_text("utf-8")), page.name


def test_links_out_of_the_folder_lead_into_the_site(site):
    for page in site.rglob("*.html"):
        for target in re.findall(r'(?:href|src)="([^"#:?]+)"', page.read_text("utf-8")):
            found = site / target.removeprefix("/") if target.startswith("/") else page.parent / target
            assert found.exists() or target == ".", f"{page.name}: {target}"
    assert (site / "arch_configs" / "eie_64pe.yaml").read_text() == (ROOT / "arch_configs/eie_64pe.yaml").read_text()


def test_every_block_of_code_is_one_on_the_site(site):
    """A first line that is not understood leaves its quotes in the text, and makes text of all that follows."""
    for page in site.rglob("*.html"):
        assert "```" not in page.read_text("utf-8"), page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_files_and_names_of_the_code_exist(page):
    text = page.read_text("utf-8")
    for path in re.findall(r"`((?:simulator|workloads|arch_configs|kernels_ref)/[\w./*-]*)`", text):
        assert list(ROOT.glob(path.rstrip("/"))), path
    for name in re.findall(r"`((?:simulator|workloads)(?:\.\w+)+)[(`]", text):
        resolve_name(name)  # an error where there is no such module, or nothing of that name in it


def test_no_generated_page_is_stale():
    assert list(stale()) == [], "run `python -m docs.generate`"


@pytest.mark.parametrize("machine", OURS, ids=lambda machine: machine.name)
def test_every_key_event_and_reason_has_a_meaning(machine):
    for kind in (machine.arch_type, machine.counts_type, machine.reasons_type):
        assert set(kind._fields) == set(comments(kind))
        without = [name for name, meaning in comments(kind).items() if not meaning]
        assert not without, f"{kind.__module__}.{kind.__name__}: {without} have no comment"


def published_figures(machine):
    """(table, quantity, row) -> published value, of every figure that has one."""
    found = {}
    for table in find_paper(machine).published()["tables"]:
        points = {f"density {key}": value for key, value in table.get("densities", {}).items()}
        points.update({"crossover": table["crossover"]} if "crossover" in table else {})
        for row, value in {**(table.get("rows") or {}), **points}.items():
            key = table["layer"] if table["quantity"] == "summary" else row
            quantity = row if table["quantity"] == "summary" else table["quantity"]
            if isinstance(value, list):
                ((varied, over),) = table["over"].items()
                points = {f"{key}, {varied}={point}": one for point, one in zip(over, value, strict=True)}
                found.update({(table["table"], quantity, name): one for name, one in points.items() if one is not None})
            elif table["quantity"] == "projection":
                found.update({(table["table"], row, name): value for name in PROJECTED})
            elif value is not None:
                found[table["table"], quantity, key] = value
    return found


@pytest.mark.parametrize("machine", MACHINES)
def test_the_tables_hold_every_published_figure(machine):
    rows = read(ROOT / "docs" / "validation" / f"{machine}.csv")
    kept = {(row.table, row.quantity, row.row): row.published for row in rows if row.published is not None}
    assert kept == published_figures(machine)
    for row in rows:
        error = 100 * (row.simulated / row.published - 1) if row.published else None  # of 0, there is none
        assert row.error_percent == (error if error is None else pytest.approx(error))


@pytest.mark.parametrize(
    "machine", [pytest.param(one, marks=pytest.mark.slow) if one in LONG else one for one in MACHINES]
)
def test_a_fresh_run_gives_the_figures_of_the_tables(machine):
    kept = {(row.table, row.quantity, row.row): row for row in read(ROOT / "docs" / "validation" / f"{machine}.csv")}
    paper = find_paper(machine)
    fresh = list(paper.figures(0, paper.draws, **FRESH[machine]))
    assert len(fresh) >= 5  # of SCNN, AlexNet's figures as a network
    for row in fresh:
        found = kept[row.table, row.quantity, row.row]
        assert found.simulated == pytest.approx(row.simulated, rel=1e-6)
        assert (found.figure_class, found.reason) == (row.figure_class, row.reason)
        assert (found.draws, found.seeds, found.configuration) == (row.draws, row.seeds, row.configuration)


@pytest.mark.parametrize("machine", MACHINES)
def test_no_predicted_figure_has_a_published_value_that_a_fit_used(machine):
    fits, rows = find_paper(machine).published().get("fits", ()), read(ROOT / "docs" / "validation" / f"{machine}.csv")
    for row in (row for row in rows if row.published is not None):  # a value that is kept back was used by no fit
        used = used_by(fits, row.table, row.quantity, row.row)
        assert row.figure_class != "predicted" or not used, f"{row.table}, {row.quantity}, {row.row}: {used}"


@pytest.mark.parametrize("machine", ["eie", "ese", "scnn"])
def test_no_predicted_figure_is_the_number_of_a_row_that_a_fit_of_its_configuration_used(machine):
    """The same number of the same unit is the same measurement, in whatever table it is printed again."""
    fits, rows = find_paper(machine).published().get("fits", ()), read(ROOT / "docs" / "validation" / f"{machine}.csv")

    def measurement(row):
        return row.configuration.partition(",")[0], row.quantity.rpartition("_")[2], row.published

    known = [row for row in rows if row.published is not None]
    used = {measurement(row): row for row in known if used_by(fits, row.table, row.quantity, row.row)}
    for row in known:
        if row.figure_class == "predicted" and row.mark in ("printed", "C"):
            assert measurement(row) not in used, f"{row.table}, {row.quantity}, {row.row}"


@pytest.mark.parametrize("machine", ["eie", "ese"])
def test_every_figure_has_a_class_with_a_reason_and_every_fit_used_a_figure(machine):
    fits, rows = find_paper(machine).published()["fits"], read(ROOT / "docs" / "validation" / f"{machine}.csv")
    assert {row.figure_class for row in rows} <= set(CLASSES)
    assert all(row.reason and row.configuration and row.draws != 1 for row in rows)
    named = {name for row in rows for name in used_by(fits, row.table, row.quantity, row.row)}
    assert named == {fit["name"] for fit in fits}


def test_a_fit_is_found_by_row_layer_point_or_table():
    fits = [
        {"name": "a", "used": [{"table": "T", "quantity": "q", "rows": ["x"]}]},
        {"name": "b", "used": [{"table": "U"}]},
    ]
    assert used_by(fits, "T", "q", "x") == used_by(fits, "T", "q", "x, n=1") == ["a"]
    assert used_by(fits, "T", "q", "y") == used_by(fits, "T", "r", "x") == []
    assert used_by(fits, "U", "any", "y") == ["b"]


def test_limitations_are_found_in_pages_and_files():
    rows = "| rule | source |\n|---|---|\n| a | assumption |\n| b | paper |\n"
    page = f"# M\n\n## Assumptions\n\n- **One.** That.\n\n## Limitations\n\n- **Two** of it.\n\n{rows}"
    assert section(page, "Assumptions") == "- **One.** That."
    bullets = [(found["lead"], found["text"]) for found in BULLET.finditer(section(page, "Limitations"))]
    assert bullets == [("Two", " of it.")]
    assert first_sentence("By 1.5 of\n[a page](a.md#b). More.") == "By 1.5 of a page."
    assert section(page, "Measured") == ""
    assert rules(page) == ["a"]
    source = "assumption: one activation a cycle; the width is not published"
    assert numbers("eie")["`activation_sram_width_bits` = 16", source][0] == "eie_64pe"


def test_every_limitation_of_a_machine_has_a_row():
    text = (ROOT / "docs" / "limitations.md").read_text("utf-8")
    for machine in ("eie", "ese", "scnn"):
        page = (ROOT / "docs" / f"{machine}.md").read_text("utf-8")
        bullets = section(page, "Limitations").count("\n- ") + 1
        assert bullets >= 3
        assert text.count(f"({machine}.md#limitations)") == bullets


@pytest.mark.slow
def test_pages_link_to_their_source_where_a_repository_is_named(tmp_path):
    build_site(tmp_path, ZEROSKIP_REPOSITORY="https://github.com/example/zeroskip")
    page = (tmp_path / "eie.html").read_text("utf-8")
    assert "https://github.com/example/zeroskip/edit/main/docs/eie.md" in page


@pytest.mark.parametrize("name", ["eie", "ese", "scnn"])
def test_the_pictures_of_a_validation_are_drawn_from_its_table(name):
    """`sh docs/gallery/make.sh` writes down which tables it drew."""
    lines = (ROOT / "docs" / "gallery" / "drawn_from.sha256").read_text("utf-8").splitlines()
    drawn = {file: digest for digest, file in map(str.split, lines)}
    assert (
        drawn[f"{name}.csv"] == hashlib.sha256((ROOT / "docs" / "validation" / f"{name}.csv").read_bytes()).hexdigest()
    )
