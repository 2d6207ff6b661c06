"""Figures in the text: each is made by a command, or a fact with a source; none is on two pages."""

import re
from collections import defaultdict

import pytest
from support.paths import ROOT

from docs.generate.figures import README, fill, names, written_pages
from docs.measure import GROUPS, kept, made
from docs.measure.facts import FACTS, RECORDS
from docs.measure.prose import figures

DOCS = ROOT / "docs"
PAGES = {page: (DOCS / page).read_text("utf-8") for page in written_pages(DOCS)}
FAST = 5
"""Seconds of processor time; groups that take longer are run by hand."""
LONG, NUMBERS = 120, 3
"""Characters of a paragraph, and numbers of a line of a table, that no other page may have."""
WORDS = re.compile(r"\b(stands?|tells?|told|at hand|so many|of which|an own)\b", re.I)


def test_every_figure_on_a_page_is_made_and_every_figure_made_is_on_a_page():
    used = {name for text in PAGES.values() for name in names(text)}
    known = {name for _, one in made() for name in (*one.figures, *one.tables)}
    assert used == known


@pytest.mark.parametrize("page", [page for page in PAGES if page not in RECORDS])
def test_every_other_figure_is_a_fact_with_a_source(page):
    found = set(figures(PAGES[page]))
    assert found == set(FACTS.get(page, {})), "make it by a command (docs/measure), or name its source (facts.py)"


def test_a_figure_is_a_number_with_the_unit_of_a_result():
    text = (
        "It takes 3.5 us<!-- x -->, 12<!--=a.b--> %, `5 us`, 4 bits, 3 x 3, +7 % and 1,072 cycles.\n\n```\n9 us\n```\n"
    )
    assert list(figures(text)) == ["3.5 us", "+7 %", "1,072 cycles"]


def test_a_page_is_filled_by_names():
    text = "It is 1<!--=a--> % off.\n\n<!-- made: t -->\nold\n<!-- end -->\n"
    assert fill(text, {"a": "+2.5"}, {"t": "| new |\n"}) == (
        "It is +2.5<!--=a--> % off.\n\n<!-- made: t -->\n\n| new |\n\n<!-- end -->\n"
    )
    with pytest.raises(KeyError):
        fill(text, {}, {"t": ""})


def again(name):
    (group,) = [one for one in GROUPS if one.name == name]
    assert group.make() == kept()[name]


@pytest.mark.parametrize("name", [one.name for one in GROUPS if one.kept and one.seconds <= FAST])
def test_commands_make_the_figures_that_are_kept(name):
    again(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [one.name for one in GROUPS if one.seconds > FAST])
def test_slow_commands_make_the_figures_that_are_kept(name):
    again(name)


def paragraphs(text):
    """Long paragraphs, and lines of tables with figures, as one string of words each."""
    text = re.sub(r"```.*?```", "", text, flags=re.S)
    for block in re.split(r"\n\s*\n", text):
        if block.startswith("|"):
            for line in block.splitlines()[2:]:
                if len(re.findall(r"\d+\.\d+|\d[\d,]{3,}", line)) >= NUMBERS:
                    yield " ".join(line.split())
        elif len(block) >= LONG:
            yield " ".join(block.split())


def test_no_paragraph_and_no_line_of_figures_is_on_two_pages():
    where = defaultdict(set)
    generated = {path.name: path.read_text("utf-8") for path in DOCS.glob("*.md") if path.name not in PAGES}
    for page, text in {**PAGES, **generated}.items():
        for one in paragraphs(text):
            where[one].add(page)
    assert {one: pages for one, pages in where.items() if len(pages) > 1} == {}


@pytest.mark.parametrize("page", PAGES)
def test_every_picture_is_described(page):
    for alt, _ in re.findall(r"!\[([^]]*)\]\(([^)]+)\)", PAGES[page]):
        assert alt.strip(), page
    for tag in re.findall(r"<img [^>]*>", PAGES[page]):
        assert re.search(r'alt="[^"]{20,}"', tag), tag


@pytest.mark.parametrize("page", [page for page in PAGES if page not in RECORDS])
def test_pages_are_written_in_plain_words(page):
    text = re.sub(r"```.*?```", "", PAGES[page], flags=re.S)
    assert [found[0] for found in WORDS.finditer(text)] == []


def test_the_readme_answers_three_questions_in_its_order():
    """Can it run my network, how accurate is it and who says so, how do I add my machine."""
    headings = re.findall(r"^## (.+)$", PAGES[README], re.M)
    assert headings == [
        "Why", "Try it", "Your own network", "In Python", "What is modelled", "How far to trust it", "Limits",
        "When to use something else", "Documentation", "Contributing, citing, licence",
    ]  # fmt: skip
    for link in ("docs/start.md", "docs/validation.md", "docs/add_a_machine.md", "docs/limitations.md"):
        assert f"]({link}" in PAGES[README]
    assert all(word in PAGES[README] for word in ("**Predicted.**", "**Calibrated.**", "**Reproduced.**"))
