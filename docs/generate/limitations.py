"""What is assumed and what is not modelled, collected from the machines' own pages and files."""

import re
from pathlib import Path

from docs.generate.markdown import MADE, code, table
from simulator.config.load import parse_file, shipped

HEAD = """# Assumed, and not modelled

Collected from the pages of [EIE](eie.md), [ESE](ese.md), [SCNN](scnn.md) and from the configuration files. A figure of
a result is only as good as its assumptions. The pages of the machines list the most important ones first, with what
they were checked against.
"""
MACHINES = {"eie": "EIE", "ese": "ESE", "scnn": "SCNN and its dense baselines"}
OF_MACHINE = {"eie": ("eie",), "ese": ("ese",), "scnn": ("scnn", "dcnn")}
SECTIONS = ("Assumed", "Not modelled")
UNSURE = re.compile(r"\b(assumption|recalled|unconfirmed|memory)\b")
"""How sources say that a number is not published, or not confirmed."""


def pages(folder: Path) -> dict[str, str]:
    """`assumptions.md`."""
    text = "".join(
        _machine(page, title, (folder / f"{page}.md").read_text("utf-8")) for page, title in MACHINES.items()
    )
    return {"assumptions.md": MADE + HEAD + text}


def section(page: str, title: str) -> str:
    """The text of a page under a heading; empty where it has no such section."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page, re.M | re.S)
    return found[1].strip() if found else ""


def rules(page: str) -> list[tuple[str, str]]:
    """The rows of a page's table of rules whose source is an assumption."""
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", page, re.M)
    return [(rule, source) for rule, source in rows if UNSURE.search(source)]


def numbers(machine: str) -> list[tuple[str, str, str]]:
    """Every number of a machine that is not published: key and value, source, configurations."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, text in shipped().items():
        file = parse_file(name, text)
        if file.machine == machine:
            technology = file.technology
            prices = technology.static_mw, technology.energy_pj, technology.area_um2
            for part in (file.arch, *file.components().values(), *prices):
                for key, item in part.items():
                    if UNSURE.search(item.source):
                        shown = "a table" if item.value is None else item.value
                        found.setdefault((f"{code(key)} = {shown}", item.source), []).append(name)
    return [(number, source, ", ".join(names)) for (number, source), names in found.items()]


def _machine(page: str, title: str, text: str) -> str:
    shown = f"\n## {title}\n"
    for heading in SECTIONS:
        if section(text, heading):
            shown += f"\n### {heading} ({page})\n\n{section(text, heading)}\n"
    if rules(text):
        shown += f"\n### Rules without a published source ({page})\n\n" + table(("rule", "source"), rules(text))
    rows = [row for machine in OF_MACHINE[page] for row in numbers(machine)]
    if rows:
        shown += f"\n### Numbers that are assumed or recalled ({page})\n\n"
        shown += table(("number", "source", "configurations"), rows)
    return shown
