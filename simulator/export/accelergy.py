"""Counts and prices in Accelergy's YAML format, version 0.4: action counts and an energy reference table (ERT)."""

from simulator.export.ert import event_names
from simulator.pricing.energy import Line
from simulator.results.stored_energy import Layer, Stored
from workloads.document_types import Document
from workloads.errors import refuse
from workloads.yaml_files import dump_yaml

VERSION = 0.4
COUNTS_NOTE = "# How often each action happened, over all instances of a component; static: cycles times instances.\n"
PRICES_NOTE = "# Energies in pJ per action; `source` is for people, and readers ignore it.\n"


def accelergy_files(stored: Stored) -> dict[str, str]:
    """File name -> text: a file of counts for each layer, and one file of prices (pJ), which all layers share.

    InputError where a component's event has different prices in two layers, or occurs twice in a layer.
    """
    one = len(stored.layers) == 1
    files = {
        "action_counts.yaml" if one else f"action_counts_{layer.number:02}.yaml": _counts(stored.config, layer)
        for layer in stored.layers
    }
    return {**files, "ERT.yaml": _prices(stored)}


def _counts(root: str, layer: Layer) -> str:
    local = [
        {"name": component, "action_counts": [{"name": line.event, "counts": line.times} for line in lines]}
        for component, lines in _by_component(layer.lines).items()
    ]
    tree = {"name": root, "local": local}
    return COUNTS_NOTE + dump_yaml({"action_counts": {"version": VERSION, "about": layer.name, "subtree": [tree]}})


def _prices(stored: Stored) -> str:
    tables = [
        {"name": f"{stored.config}.{component}", "actions": [_action(line) for line in lines]}
        for component, lines in _by_component(_shared_lines(stored)).items()
    ]
    return PRICES_NOTE + dump_yaml({"ERT": {"version": str(VERSION), "tables": tables}})


def _action(line: Line) -> Document:
    return {"name": line.event, "arguments": {}, "energy": line.pj_each, "source": line.source}


def _shared_lines(stored: Stored) -> list[Line]:
    """The energy lines of the first layer; InputError where the prices of another layer differ from them."""
    first = stored.layers[0]
    prices = dict(zip(event_names(stored.where, first.lines), [line.pj_each for line in first.lines], strict=True))
    for layer in stored.layers:
        for name, line in zip(event_names(stored.where, layer.lines), layer.lines, strict=True):
            if prices.get(name) != line.pj_each:
                difference = f"costs {line.pj_each!r} pJ in {layer.name} and {prices.get(name)!r} in {first.name}"
                refuse(stored.where, f"{name} {difference}", "one price")
    return first.lines


def _by_component(lines: list[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.component, []).append(line)
    return found
