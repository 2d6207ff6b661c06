"""YAML -> checked named tuples. Every number of a configuration has its source beside it, or it is refused."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from simulator.memory.interpolation import log_log
from simulator.registry import Accelerator, accelerators, find
from simulator.schema import ConfigFile, Sourced, SourcedAmount, SourcedPrice, SourcedShare, TechnologyFile
from workloads.documents import parse_yaml, read_text, validation_sentence
from workloads.errors import InputError

COMMAND_LINE = "set by the user"
CHANGEABLE = ("clock_mhz", "node_nm")
"""Keys of the technology that `load_arch` may change, besides all keys of the architecture."""


class Price(NamedTuple):
    """What one event costs, and to which component it is charged."""

    event: str
    component: str
    pj: float
    source: str


class Share(NamedTuple):
    """A component's static power in mW, or its area in um2, for each `per` of the machine's units."""

    component: str
    per: str
    value: float
    source: str


class Technology(NamedTuple):
    """What turns counts into time, energy and area; it never influences a cycle."""

    node_nm: float
    clock_mhz: float
    static_mw: tuple[Share, ...]
    energy_pj: tuple[Price, ...]
    area_um2: tuple[Share, ...]


class Config(NamedTuple):
    """A machine's configuration, ready to run."""

    machine: str
    name: str
    about: str
    arch: Any  # the machine's `Arch`
    technology: Technology
    sources: dict[str, str]  # of each key of `arch`
    changes: dict[str, float]  # what the user set
    notes: tuple[str, ...]


def load_arch(name: str, **changes: float) -> Config:
    """Load a configuration and change some of its numbers.

    name: a machine (its default configuration), a shipped configuration, or a .yaml file. changes: keys of `arch`,
    `clock_mhz` or `node_nm`. InputError names file, key, value, and what was expected.
    """
    source, text = _find(name)
    try:
        file = ConfigFile.model_validate(parse_yaml(source, text))
    except ValidationError as error:
        raise InputError(validation_sentence(source, error)) from None
    if file.machine not in accelerators():
        raise InputError(f"{source}: machine is {file.machine!r}; expected one of {', '.join(accelerators())}")
    machine = find(file.machine)
    file = _change(file, source, changes)
    arch = _build_arch(machine, source, file.arch)
    technology, notes = _build_technology(machine, source, file.technology, arch)
    return Config(
        machine=machine.name,
        name=Path(source).stem,
        about=file.about,
        arch=arch,
        technology=technology,
        sources={key: number.source for key, number in file.arch.items()},
        changes=dict(changes),
        notes=notes,
    )


def shipped() -> dict[str, str]:
    """The configurations that come with the simulator: name -> text."""
    found = [item for item in files("arch_configs").iterdir() if item.name.endswith(".yaml")]
    return {item.name.removesuffix(".yaml"): item.read_text("utf-8") for item in sorted(found, key=lambda i: i.name)}


def parse_changes(settings: list[str]) -> dict[str, float]:
    """`["pes=128", "clock_mhz=400.5"]` -> numbers by key."""
    changes: dict[str, float] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        try:
            changes[key.strip()] = int(value) if _is_integer(value) else float(value)
        except ValueError:
            expected = "a number" if equals else "KEY=VALUE"
            raise InputError(f"--set {setting}: the value is {value!r}; expected {expected}") from None
    return changes


def _is_integer(text: str) -> bool:
    return text.strip().lstrip("+-").isdecimal()


def _find(name: str) -> tuple[str, str]:
    """Where a configuration stands, and its text."""
    if name.endswith((".yaml", ".yml")):
        return name, read_text(Path(name), "a configuration in YAML")
    known, machines = shipped(), accelerators()
    if name in machines and machines[name].default not in known:
        return machines[name].default, read_text(Path(machines[name].default), "the machine's default configuration")
    name = machines[name].default if name in machines else name
    if name not in known:
        raise InputError(f"{name}: there is no such configuration; expected a .yaml file or one of {', '.join(known)}")
    return f"arch_configs/{name}.yaml", known[name]


def _change(file: ConfigFile, source: str, changes: Mapping[str, float]) -> ConfigFile:
    """The file with the user's numbers in place of its own."""
    arch: dict[str, Sourced] = dict(file.arch)
    technology: dict[str, SourcedAmount] = {}
    for key, value in changes.items():
        try:
            if key in arch:
                arch[key] = Sourced.model_validate({"value": value, "source": COMMAND_LINE})
            elif key in CHANGEABLE:
                technology[key] = SourcedAmount.model_validate({"value": float(value), "source": COMMAND_LINE})
            else:
                close = get_close_matches(key, [*arch, *CHANGEABLE], 1) or [*arch, *CHANGEABLE]
                raise InputError(f"{source}: {key} is an unknown key; expected {' or '.join(close)}")
        except ValidationError as error:
            raise InputError(validation_sentence(f"{source}: {key}", error)) from None
    return file.model_copy(update={"arch": arch, "technology": file.technology.model_copy(update=technology)})


def _build_arch(machine: Accelerator, source: str, numbers: dict[str, Sourced]) -> Any:
    """The machine's named tuple of integers, within the limits that it states."""
    arch = machine.part("arch").Arch
    for key in numbers:
        if key not in arch._fields:
            close = get_close_matches(key, arch._fields, 1) or arch._fields
            raise InputError(f"{source}: arch.{key} is an unknown key; expected {' or '.join(close)}")
    try:
        return TypeAdapter(arch).validate_python({key: number.value for key, number in numbers.items()})
    except ValidationError as error:
        raise InputError(validation_sentence(f"{source}: arch", error)) from None


def _build_technology(
    machine: Accelerator, source: str, file: TechnologyFile, arch: Any
) -> tuple[Technology, tuple[str, ...]]:
    """The machine's prices for this architecture, and a note where one lies beyond its table."""
    part = machine.part("arch")
    _check_names(source, "energy_pj", "event", set(file.energy_pj), set(part.Counts._fields))
    units = part.units(arch)
    for key in ("static_mw", "area_um2"):
        for component, share in getattr(file, key).items():
            if share.per not in units:
                raise InputError(
                    f"{source}: technology.{key}.{component}.per is {share.per!r}; expected one of {', '.join(units)}"
                )
    notes: list[str] = []
    prices = tuple(
        Price(event, item.component, _price(source, event, item, arch, notes), item.source)
        for event, item in file.energy_pj.items()
    )
    technology = Technology(
        node_nm=file.node_nm.value,
        clock_mhz=file.clock_mhz.value,
        static_mw=_shares(file.static_mw),
        energy_pj=prices,
        area_um2=_shares(file.area_um2),
    )
    return technology, tuple(notes)


def _shares(items: dict[str, SourcedShare]) -> tuple[Share, ...]:
    return tuple(Share(component, item.per, item.value, item.source) for component, item in items.items())


def _price(source: str, event: str, item: SourcedPrice, arch: Any, notes: list[str]) -> float:
    if item.value is not None:
        return item.value
    assert item.by is not None
    assert item.table is not None
    if item.by not in arch._fields:
        raise InputError(
            f"{source}: technology.energy_pj.{event}.by is {item.by!r}; expected one of {', '.join(arch._fields)}"
        )
    at = getattr(arch, item.by)
    if not min(item.table) <= at <= max(item.table):
        notes.append(
            f"{event}: {item.by} = {at} lies outside the table of prices "
            f"({min(item.table)} to {max(item.table)}); the price is extrapolated"
        )
    return log_log(item.table, at)


def _check_names(source: str, key: str, what: str, given: set[str], expected: set[str]) -> None:
    for name in sorted(expected - given):
        raise InputError(f"{source}: technology.{key}.{name} is missing; expected a price for each {what}")
    for name in sorted(given - expected):
        close = get_close_matches(name, expected, 1) or sorted(expected)
        raise InputError(f"{source}: technology.{key}.{name} is an unknown {what}; expected {' or '.join(close)}")
