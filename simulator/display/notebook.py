"""Results in notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.display.blocks import summarise
from simulator.html.render import render_part

if TYPE_CHECKING:
    from simulator.display.blocks import AnyResult


def as_html(result: AnyResult) -> str:
    """The short form of a result, as a piece of HTML."""
    return render_part(*summarise(result))
