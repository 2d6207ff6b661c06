"""Whether a stored result's energies are what its counts and prices make: to the last bit."""

import math
from collections.abc import Iterator
from itertools import chain

from simulator.pricing.energy import STATIC, Line, by_component
from simulator.pricing.technology import TOTAL
from simulator.results.result import MICRO, PICO
from simulator.results.stored_energy import Layer, Stored

SUMMATION = (
    "a line's energy is its count times its price; each total is the exactly rounded sum of all its lines, "
    "so that their order does not matter"
)


def disagreements(stored: Stored) -> list[str]:
    """Sentences that each name a line or a total that does not follow from the others."""
    found = [f"{layer.name}: {sentence}" for layer in stored.layers for sentence in _layer(layer)]
    whole = math.fsum(layer.energy_uj or 0.0 for layer in stored.layers)
    if stored.total_uj is not None and stored.total_uj != whole:
        found.append(f"total: energy_uj of the layers add up to {whole!r}; the file says {stored.total_uj!r}")
    return found


def network_energy(stored: Stored) -> dict[str, float]:
    """Energy of all layers in pJ by component, and the total, each an exactly rounded sum of lines."""
    return by_component(list(chain.from_iterable(layer.lines for layer in stored.layers)))


def _layer(layer: Layer) -> Iterator[str]:
    for line in layer.lines:
        yield from _line(line, layer)
    lines = {line.event for line in layer.lines}
    for event in layer.form.counts:
        if event not in lines:
            yield f"counts.{event} has no line"
    parts = by_component(layer.lines)
    for name in dict.fromkeys([*parts, *layer.energy_pj]):
        made, says = parts.get(name), layer.energy_pj.get(name)
        if made != says:
            what = "all lines" if name == TOTAL else "its lines"
            yield f"energy_pj.{name}: {what} add up to {_show(made)}; the file says {_show(says)}"
    energy_uj = parts[TOTAL] * PICO / MICRO
    if layer.energy_uj is not None and layer.energy_uj != energy_uj:
        yield f"energy_uj: all lines add up to {energy_uj!r} uJ; the file says {layer.energy_uj!r}"


def _line(line: Line, layer: Layer) -> Iterator[str]:
    """What is wrong with a line: its product, its count."""
    name, energy = f"{line.component}.{line.event}", line.times * line.pj_each
    if energy != line.energy_pj:
        each = f"{line.times:,} times {line.pj_each!r} pJ is {energy!r} pJ"
        yield f"{name}: {each}; the line says {line.energy_pj!r} pJ"
    counted = layer.form.counts.get(line.event)
    if counted is not None and counted != line.times:
        yield f"{name}: the line counts {line.times:,}; counts.{line.event} is {counted:,}"
    if line.event == STATIC and line.times % layer.form.cycles:
        yield f"{name}: the line counts {line.times:,}, no multiple of the {layer.form.cycles:,} cycles"


def _show(energy: float | None) -> str:
    return "nothing" if energy is None else f"{energy!r} pJ"
