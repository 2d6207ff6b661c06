"""The figures in the text of pages, and the commands that make them.

On a page, `7.0<!--=eie.entries-->` is a figure by its name, and lines between `<!-- made: eie.modules -->` and
`<!-- end -->` are a table. `python -m docs.generate` writes their values; `python -m docs.measure` runs the commands
that take more than a moment, and keeps what they give in `docs/validation/figures.json`.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from docs.measure import (
    cambricon,
    edgedrnn,
    eie,
    ese,
    explore,
    eyeriss_v2,
    formats,
    frames,
    frontend,
    gamma,
    gradients,
    hardware,
    language,
    points,
    readme,
    same_bits,
    scnn,
    sigma,
    systems,
    tensor,
    which,
    why,
)
from docs.measure.record import Group, Made

GROUPS: tuple[Group, ...] = (
    *readme.GROUPS,
    *eie.GROUPS,
    *ese.GROUPS,
    *edgedrnn.GROUPS,
    *gradients.GROUPS,
    *same_bits.GROUPS,
    *scnn.GROUPS,
    *eyeriss_v2.GROUPS,
    *sigma.GROUPS,
    *cambricon.GROUPS,
    *gamma.GROUPS,
    *hardware.GROUPS,
    *frontend.GROUPS,
    *formats.GROUPS,
    *tensor.GROUPS,
    *language.GROUPS,
    *explore.GROUPS,
    *which.GROUPS,
    *why.GROUPS,
    *systems.GROUPS,
    *frames.GROUPS,
    *points.GROUPS,
)
KEPT = Path(__file__).parents[1] / "validation" / "figures.json"


def kept() -> dict[str, Made]:
    """What the slow groups gave when their commands were run last."""
    return {name: Made(**made) for name, made in json.loads(KEPT.read_text("utf-8")).items()} if KEPT.exists() else {}


def made() -> Iterator[tuple[Group, Made]]:
    """All groups with their values; a slow one that was never run has none."""
    known = kept()
    for group in GROUPS:
        yield group, known.get(group.name, Made({}, {})) if group.kept else group.make()


def keep(group: Group) -> Made:
    """Run a group's commands and write down what they give."""
    found = {**kept(), group.name: group.make()}
    order = [one.name for one in GROUPS]
    text = {name: found[name]._asdict() for name in sorted(found, key=order.index)}
    KEPT.write_text(json.dumps(text, indent=1) + "\n", "utf-8")
    return found[group.name]
