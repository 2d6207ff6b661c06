"""What is not modelled and what is assumed, by machine: collected from the machines' pages and configurations."""

import re
from collections.abc import Iterator
from pathlib import Path

from docs.generate.markdown import MADE, code, table
from simulator.config.load import parse_file, shipped

HEAD = f"""{MADE}# Limitations and assumptions

What the machines leave out and what is assumed, in a table for each, collected from their pages and configurations;
each row links to its explanation. A result is only as good as the assumptions that it depends on. What (M) and (T) mean
in a source: [marks](tensor.md#marks-of-sources).

The five that matter most, by what the pages say of their effect:

1. **Layers are drawn.** But for EIE's FC8 and networks of your own, tensors are drawn with published shapes and
   densities. How uneven their rows are decides the load balance: [EIE](eie.md#assumptions), [ESE](ese.md#accuracy).
2. **Memories of SCNN.** `scnn_8x8` enforces the sizes that the paper states, `scnn_paper` does not; they differ by up
   to a factor of two on a layer: [by layer](scnn.md#accuracy).
3. **Queues and banks of SCNN.** Neither the depth of the queues nor the map to banks is published; between one slot
   and eight, stalls go from most of the work to none: [stalls](scnn.md#how-it-works).
4. **What is on the chip before a run.** EIE's weights that fit are there. Where they do not fit, the memory that is
   chosen decides the time: [DRAM](dram.md#what-changes-when-weights-do-not-fit-on-chip).
5. **Prices.** Energies of machines have different origins, and the tensor engine's are guesses: compare machines at
   [common prices](concepts.md#energy), and runs of the tensor engine as ratios
   ([tensor engine](tensor.md#assumptions)).

Common to all machines: they run inference; EIE begins with its inputs, and with weights that fit, on the chip;
ESE, SCNN, Eyeriss v2 and the tensor engine fetch their weights; pooling and normalisation do not run; energies are
counts times prices, whatever the data; the area of queues is not modelled; nothing is synthesised. Not modelled at all:
systolic arrays, contention in networks on chip, a search over mappings by simulation, training (except for
[studies](frontend.md#measured) of one small network).

The kinds: *simplified*, or not modelled at all; *assumption* of a page; *rule* and *number*, assumed or recalled.

"""
PAGES = {
    "eie": "EIE",
    "ese": "ESE",
    "edgedrnn": "EdgeDRNN",
    "gradient_compression": "Selection unit",
    "scnn": "SCNN, DCNN",
    "eyeriss_v2": "Eyeriss v2",
    "sigma": "SIGMA",
    "cambricon": "Cambricon-S and -X",
    "gamma": "GAMMA",
    "tensor": "Tensor engine",
    "attention": "Tensor engine",
    "state_space": "Tensor engine",
    "experts": "Tensor engine",
    "systems": "Several chips",
    "points": "Points",
}
MACHINES = {
    "eie": ("eie",),
    "ese": ("ese",),
    "scnn": ("scnn", "dcnn"),
    "eyeriss_v2": ("eyeriss_v2",),
    "sigma": ("sigma",),
    "cambricon": ("cambricon",),
    "gamma": ("gamma",),
    "edgedrnn": ("edgedrnn",),
    "gradient_compression": ("selection",),
    "points": ("points", "bevpool"),
    "tensor": ("tensor",),
}
SECTIONS = {"Limitations": "simplified", "Assumptions": "assumption"}
Row = tuple[str, str, str, str]
BULLET = re.compile(r"^- \*\*(?P<lead>.+?)\*\*(?P<text>.*(?:\n(?!\n|- ).*)*)", re.M)
SENTENCE = re.compile(r"(?:[^.]|\.(?! |$))*\.")
UNSURE = re.compile(r"\b(assumption|assumed|recalled|unconfirmed|from memory)\b|\(memory\)")
"""How sources say that a number is not published, or not confirmed."""


def pages(folder: Path) -> dict[str, str]:
    """`limitations.md`."""
    tables: dict[str, list[Row]] = {}
    for page, name in PAGES.items():
        tables.setdefault(name, []).extend(_rows(page, (folder / f"{page}.md").read_text("utf-8")))
    columns = "what", "in short", "kind", "explained in"
    return {"limitations.md": HEAD + "\n".join(f"## {name}\n\n{table(columns, rows)}" for name, rows in tables.items())}


def section(page: str, title: str) -> str:
    """The text of a page under a heading; empty where it has no such section."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page, re.M | re.S)
    return found[1].strip() if found else ""


def rules(page: str) -> list[str]:
    """The rules of a page's table whose source is an assumption."""
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", page, re.M)
    return [rule for rule, source in rows if UNSURE.search(source)]


def first_sentence(text: str) -> str:
    """The first sentence of a paragraph, with links as plain words."""
    plain = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", " ".join(text.split()))
    found = SENTENCE.match(plain)
    return found[0] if found else plain


def numbers(machine: str) -> dict[tuple[str, str], list[str]]:
    """Every number of a machine that is not published, as `key = value` with its source, and the configurations."""
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
                        # a part of a source that not every configuration repeats makes no row of its own
                        source = item.source.partition("; used by formats")[0]
                        found.setdefault((f"{code(key)} = {shown}", source), []).append(name)
    return found


def _rows(page: str, text: str) -> Iterator[Row]:
    for title, kind in SECTIONS.items():
        for bullet in BULLET.finditer(section(text, title)):
            lead = bullet["lead"].rstrip(".")
            # a lead that begins its sentence is read with it
            whole = bullet["text"] if bullet["lead"].endswith(".") else lead + bullet["text"]
            yield lead, first_sentence(whole), kind, f"[{title}]({page}.md#{title.lower()})"
    place = "How it works" if section(text, "How it works") else "Time"
    for rule in rules(text):
        yield rule, "", "rule", f"[{place}]({page}.md#{place.lower().replace(' ', '-')})"
    for machine in MACHINES.get(page, ()):
        for (number, source), configurations in numbers(machine).items():
            first, *others = configurations
            more = f" and {len(others)} more" if others else ""
            yield number, source, "number", f"[{first}](../arch_configs/{first}.yaml){more}"
