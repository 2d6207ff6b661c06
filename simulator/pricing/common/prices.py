"""Energies of all machines by one price list at 45 nm: memories by CACTI, arithmetic and DRAM by one table.

What an event does is listed in the file `common_prices.yaml` of its machine's package: operations of
`operations.yaml`, accesses to memories whose sizes are products of numbers of the architecture, and nothing else. Clock
networks, pipeline registers, control, wires and leakage have no price, as no list has them for all machines.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, NamedTuple

import yaml
from pydantic import Field

from simulator.config.load import Config
from simulator.core.registry import find
from simulator.hardware.sram.figures import sram
from simulator.pricing.common import NOTE
from simulator.pricing.technology import Price, check_names
from workloads.document_types import Document
from workloads.errors import refuse
from workloads.yaml_files import Strict, Text

NODE_NM, CELL = 45, "lop"
FILE = "common_prices.yaml"
Factor = Annotated[int, Field(ge=1)] | Text


class Access(Strict):
    """Some `times` a read or a write of a memory. memory: factors of its bytes; width: factors of its bits."""

    memory: list[Factor]
    width: list[Factor]
    access: Literal["read", "write"]
    times: Annotated[float, Field(gt=0)] = 1


class Operation(Strict):
    """Some `times` an operation of the table; factors of the architecture may be among them."""

    operation: Text
    times: list[Factor] = Field(default_factory=lambda: list[Factor]([1]))


class Event(Strict):
    """What an event does, charged to a component; nothing: it costs nothing in this list."""

    component: Text
    does: list[Access | Operation] = Field(default_factory=list)


class _File(Strict):
    events: dict[str, Event]


class _Cost(NamedTuple):
    pj: float
    source: str


def with_common_prices(config: Config) -> Config:
    """The configuration with the common prices in place of its own; areas and cycles stay. InputError: it has none."""
    listed = _events(config.machine)
    if listed is None:
        refuse(f"machine {config.machine}", f"its package has no {FILE}", "it, for --common-prices")
    numbers = {key: value for key, value in config.arch._asdict().items() if isinstance(value, int)}
    prices = tuple(_price(f"{config.machine}: {FILE}", name, event, numbers) for name, event in listed.items())
    technology = config.technology._replace(
        static_mw=(), energy_pj=prices, energy_node_nm=float(NODE_NM), dram_energy="flat"
    )
    return config._replace(technology=technology, notes=(NOTE,))


@cache
def _events(machine: str) -> Mapping[str, Event] | None:
    """What the events of a machine do; None where its package has no such file. InputError where the file is wrong."""
    found = find(machine)
    file = files(type(found).__module__).joinpath(FILE)
    if not file.is_file():
        return None
    events = _File.model_validate(yaml.safe_load(file.read_text("utf-8"))).events
    check_names(f"{machine}: {FILE}", events, found.counts_type._fields, "event", "what each event does")
    return events


@cache
def _operations() -> Document:
    found: Document = yaml.safe_load((files("simulator.pricing.common") / "operations.yaml").read_text("utf-8"))
    return found


def _price(where: str, name: str, event: Event, numbers: Mapping[str, int]) -> Price:
    costs = [_cost(f"{where}: {name}", one, numbers) for one in event.does]
    source = "; ".join(cost.source for cost in costs) or "not in the common list"
    return Price(name, event.component, sum(cost.pj for cost in costs), source)


def _cost(where: str, one: Access | Operation, numbers: Mapping[str, int]) -> _Cost:
    if isinstance(one, Operation):
        known = _operations()
        if one.operation not in known:
            refuse(where, f"operation is {one.operation!r}", f"one of {', '.join(known)}")
        times = _product(where, one.times, numbers)
        entry = known[one.operation]
        return _Cost(times * entry["pj"], f"{times} x {one.operation}: {entry['source']}")
    size, width = _product(where, one.memory, numbers), _product(where, one.width, numbers)
    array = sram(NODE_NM, CELL, max(size, -(-width // 8)), width)
    each = array.read_pj if one.access == "read" else array.write_pj
    text = f"{one.times:g} x {one.access} of {size} bytes, {width} bits (CACTI 7, {NODE_NM} nm, {CELL}, {array.how})"
    return _Cost(one.times * each, text)


def _product(where: str, factors: list[Factor], numbers: Mapping[str, int]) -> int:
    """The product of numbers and keys of the architecture; `/key` divides. InputError for an unknown key."""
    product, below = 1, 1
    for factor in factors:
        if isinstance(factor, int):
            product *= factor
            continue
        key = factor.removeprefix("/")
        value = int(key) if key.isdigit() else numbers.get(key)
        if value is None:
            refuse(where, f"{key!r} is no number of the architecture", f"one of {', '.join(numbers)}")
        product, below = (product, below * value) if factor.startswith("/") else (product * value, below)
    return max(1, product // max(1, below))
