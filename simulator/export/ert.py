"""Prices given by the user: an energy reference table (ERT) in Accelergy's format, version 0.3 or 0.4, in pJ."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from simulator.pricing.energy import Line, by_component
from simulator.pricing.technology import TOTAL, check_names
from simulator.results.result import MICRO, PICO
from simulator.results.stored_energy import Form, Stored
from workloads.errors import InputError, refuse
from workloads.path_texts import path_text
from workloads.sourced import Amount
from workloads.yaml_files import parse_yaml, read_text, validation_sentence

if TYPE_CHECKING:
    from simulator.config.load import Config
    from simulator.results.result import Result

VERSIONS = ("0.3", "0.4")
RANGE = re.compile(r"\[\d+(\.\.\d+)?\]")
"""The number of instances at the end of a part of a name. It is ignored: counts cover all instances of a component."""


class ActionForm(Form):
    """An action and its energy in pJ; arguments and other keys are ignored."""

    name: str
    energy: Amount


class TableForm(Form):
    """The actions of one component."""

    name: str
    actions: list[ActionForm]


class ErtForm(Form):
    """The content of key `ERT`: a table for each component."""

    version: str | float
    tables: list[TableForm]


class ErtFile(Form):
    """The whole file."""

    ERT: ErtForm


class Ert(NamedTuple):
    """Prices in pJ by component (as the file names it) and action. where: the file, for error messages."""

    where: str
    prices: dict[tuple[str, str], float]


def event_names(where: str, lines: Sequence[Line]) -> list[str]:
    """`component.event` of each line; InputError where two lines have the same name."""
    names = [f"{line.component}.{line.event}" for line in lines]
    for name, number in Counter(names).items():
        if number > 1:
            refuse(where, f"two lines of the result are {name}", "each component and event once")
    return names


def read_ert(path: str | PathLike[str]) -> Ert:
    """Read an energy reference table; InputError names what is missing, negative, or given twice."""
    where = path_text("path", path, "the path of a table")
    content = parse_yaml(where, read_text(Path(where), "an energy reference table in YAML"))
    try:
        file = ErtFile.model_validate(_only_known_version(where, content))
    except ValidationError as error:
        raise InputError(validation_sentence(where, ErtFile, error)) from None
    prices: dict[tuple[str, str], float] = {}
    for table in file.ERT.tables:
        for one in table.actions:
            if (table.name, one.name) in prices:
                refuse(where, f"{table.name}.{one.name} is given twice", "each action once, whatever its arguments")
            prices[table.name, one.name] = one.energy
    return Ert(where, prices)


def reprice(lines: Sequence[Line], ert: Ert) -> list[Line]:
    """The same counts at the prices of a table, which names `component.event` as `component.action`.

    The component's name in the table may have a prefix (`chip.act_queue`) and a number of instances
    (`act_queue[1..64]`). InputError names an event without a price, a price without an event, or an event with two.
    """
    components = list(dict.fromkeys(line.component for line in lines))
    found: dict[str, tuple[float, str]] = {}
    for (table, name), picojoules in ert.prices.items():
        key, called = f"{_component(table, components)}.{name}", f"{table}.{name}"
        if key in found:
            refuse(ert.where, f"{found[key][1]} and {called} are {key}", "one price")
        found[key] = picojoules, called
    wanted = event_names(ert.where, lines)
    check_names(f"{ert.where}: ERT", found, wanted, "price", "a price in pJ for each component and event")
    return [_priced(line, ert.where, *found[key]) for line, key in zip(lines, wanted, strict=True)]


def price_with(result: "Result", ert: Ert) -> "Result":
    """A run's result at the prices of a table; cycles and counts do not change.

    InputError where prices and events do not match, see `reprice`.
    """
    return replace(result, config=priced_config(result.config, ert), energy=reprice(result.energy, ert))


def priced_config(config: "Config", ert: Ert) -> "Config":
    """A configuration with the note that a table's prices are used instead of its own."""
    return config._replace(notes=(f"all energies are priced by {ert.where}",))


def price_stored(stored: Stored, ert: Ert) -> Stored:
    """A stored result at the prices of a table; InputError where prices and events do not match, see `reprice`."""
    layers = []
    for layer in stored.layers:
        lines = reprice(layer.lines, ert)
        energy = by_component(lines)
        energy_uj = None if layer.energy_uj is None else energy[TOTAL] * PICO / MICRO
        layers.append(layer._replace(lines=lines, energy_pj=energy, energy_uj=energy_uj))
    return stored._replace(layers=layers, total_uj=None)


def _only_known_version(where: str, content: dict[str, object]) -> dict[str, object]:
    """The content unchanged; InputError for another version, before its keys are checked."""
    ert = content.get("ERT")
    if isinstance(ert, dict) and str(ert.get("version")) not in VERSIONS:
        refuse(where, f"ERT.version is {ert.get('version')!r}", f"one of {', '.join(VERSIONS)}")
    return content


def _component(table: str, components: Sequence[str]) -> str:
    """The component that a table is about: the longest known name that the table's name ends with, or that name."""
    plain = RANGE.sub("", table)
    known = [name for name in components if f".{plain}".endswith(f".{RANGE.sub('', name)}")]
    return max(known, key=len, default=plain)


def _priced(line: Line, where: str, picojoules: float, called: str) -> Line:
    return line._replace(pj_each=picojoules, energy_pj=line.times * picojoules, source=f"{where}: {called}")
