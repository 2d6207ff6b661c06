"""YAML -> checked named tuples. Every number of a configuration needs a source, or it is refused."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from simulator.config.architecture import USER, build_arch, check_data_sheet, components_of
from simulator.config.nodes import check_copies, read_old_keys
from simulator.config.schema import ConfigFile, with_sections
from simulator.config.sram_sizes import size_notes
from simulator.core.machine import AnyMachine
from simulator.core.registry import machines
from simulator.pricing.scaling.sets import check_reach
from simulator.pricing.schema import SourcedPricing, TechnologyFile
from simulator.pricing.technology import DATA_SHEET, FLAT, Technology, build_technology, check_names
from workloads.document_types import Document
from workloads.errors import InputError, refuse
from workloads.path_texts import path_text
from workloads.sourced import LEAST, MOST, Sourced, SourcedAmount, SourcedName
from workloads.sources import names_workload
from workloads.yaml_files import parse_yaml, read_text, shorten, validation_sentence

PS_PER_US = 1_000_000
PRICES_NM = "prices_nm"
CHANGEABLE = ("clock_mhz", "node_nm", "dram_energy")
"""Keys of the technology that may be changed, as all keys of the architecture may.

`node_nm` asks for the results at that node too (see `Result.at_node`); the technology stays that of the file.
"""


class Config(NamedTuple):
    """A machine's configuration, ready to run."""

    machine: str
    name: str
    about: str
    arch: Any  # the machine's `arch_type`
    written: dict[str, float | str]  # the same as a file has it: components by name
    technology: Technology
    changes: dict[str, float | str]  # what the user set
    notes: tuple[str, ...]  # what is worth knowing of its prices
    sources: dict[str, str]  # of the architecture's numbers, of CHANGEABLE and of PRICES_NM
    file: str = ""  # what `load_arch` was given

    def __repr__(self) -> str:
        """Its name, what was changed, and the numbers of the architecture."""
        changed = f" with {describe_changes(self.changes)}" if self.changes else ""
        clock = f"{self.technology.clock_mhz:g} MHz, {self.technology.node_nm:g} nm"
        return f"{self.name} ({self.machine}){changed}: {clock}, {describe_changes(self.written)}"

    def describe_sources(self) -> dict[str, Document]:
        """Every number of the configuration with its source, as JSON can hold it.

        Keys are those of `arch`, CHANGEABLE, `prices_nm`, `static_mw.X`, `energy_pj.X` and `area_um2.X`. A price that
        depends on the architecture is given as it is for this one.
        """
        technology = self.technology
        plain = {**self.written, **{key: getattr(technology, key) for key in CHANGEABLE}}
        plain[PRICES_NM] = technology.energy_node_nm
        found: dict[str, Document] = {key: {"value": plain[key], "source": self.sources[key]} for key in plain}
        for key in ("static_mw", "area_um2"):
            for share in getattr(technology, key):
                found[f"{key}.{share.component}"] = {"value": share.value, "per": share.per, "source": share.source}
        for price in technology.energy_pj:
            found[f"energy_pj.{price.event}"] = {"value": price.pj, "per": price.component, "source": price.source}
        return found


def load_arch(name: str | PathLike[str], /, **changes: float | str) -> Config:
    """Load a configuration and change some of its numbers.

    >>> config = load_arch("eie", pes=16, clock_mhz=400)
    >>> config.name, config.arch.pes, config.technology.clock_mhz, config.changes
    ('eie_64pe', 16, 400.0, {'pes': 16, 'clock_mhz': 400})

    name: a machine (its default configuration), a shipped configuration, or a .yaml file. changes: keys of `arch`,
    or CHANGEABLE. InputError names file, key, value, and what was expected.
    """
    given_name = path_text("machine", name, "a name or the path of a .yaml file")
    source, text = _find(given_name)
    file = parse_file(source, text)
    known = machines()
    if file.machine not in known:
        raise InputError(f"{source}: machine is {file.machine!r}; expected one of {', '.join(known)}")
    machine = known[file.machine]
    fields: tuple[str, ...] = machine.arch_type._fields
    _check_sections(source, file, machine)
    _check_changes(changes, (*fields, *CHANGEABLE))
    priced = _change_technology(file.technology, changes)
    given = {**{key: item.value for part in _sections(file) for key, item in part.items()}, **changes}
    arch = build_arch(source, machine, given, changes, round(PS_PER_US / priced.clock_mhz.value))
    if priced.dram_energy.value == DATA_SHEET:
        check_data_sheet(source, machine, arch)
    units = machine.units(arch)
    technology, notes = build_technology(source, priced, machine.counts_type._fields, units, arch)
    others = _shipped_files(file.machine)
    check_copies(source, file, others)
    idle = {key: why for key, why in machine.unused(arch).items() if key in changes}
    unused = (f"{key} is set and does nothing: the configuration has {why}" for key, why in idle.items())
    notes = (*file.notes, *notes, *size_notes(file, given, changes, others), *unused)
    if "node_nm" in changes:
        check_reach(float(changes["node_nm"]), technology.energy_node_nm, technology.node_nm)
    written = {key: value if isinstance(value, int) else given[key] for key, value in arch._asdict().items()}
    name, sources = Path(source).stem, _sources(file, changes)
    about = file.machine, name, file.about
    return Config(*about, arch, written, technology, dict(changes), notes, sources, given_name)


@lru_cache(maxsize=64)
def parse_file(source: str, text: str) -> ConfigFile:
    """The content of a configuration file, in the form that its machine declares. InputError names a wrong key.

    Kept, as a sweep reads the same file many times.
    """
    content = parse_yaml(source, text)
    notes = read_old_keys(source, content)
    machine = machines().get(str(content.get("machine")))
    parts = (machine,) if machine is not None else machines().values()  # its name is refused later
    sections = tuple(dict.fromkeys(one.section for known in parts for one in components_of(known).values()))
    form = with_sections(tuple(name for name in sections if name not in ConfigFile.model_fields))
    try:
        return form.model_validate(content).with_notes(notes)
    except ValidationError as error:
        raise InputError(validation_sentence(source, form, error)) from None


@cache
def shipped() -> dict[str, str]:
    """The configurations that come with the simulator: name -> text."""
    found = [item for item in files("arch_configs").iterdir() if item.name.endswith(".yaml")]
    return {item.name.removesuffix(".yaml"): item.read_text("utf-8") for item in sorted(found, key=lambda i: i.name)}


@cache
def _shipped_files(machine: str) -> dict[str, ConfigFile]:
    """The shipped configurations of a machine by name."""
    texts = {name: text for name, text in shipped().items() if f"machine: {machine}\n" in text}
    return {name: parse_file(f"arch_configs/{name}.yaml", text) for name, text in texts.items()}


def parse_changes(settings: list[str]) -> dict[str, float | str]:
    """`["pes=128", "clock_mhz=400.5", "dram=hbm2"]` -> numbers and names by key.

    InputError where one is no setting, or a key is set twice.
    """
    changes: dict[str, float | str] = {}
    for setting in settings:
        key, _, value = (part.strip() for part in setting.partition("="))
        where = f"--set {shorten(setting, 60)}"
        if not key or not value:
            raise InputError(f"{where}: it is no setting; expected KEY=VALUE")
        if key in changes:
            raise InputError(f"{where}: {key} is set twice; expected each key once")
        changes[key] = _value(value)
    return changes


def describe_changes(changes: Mapping[str, float | str]) -> str:
    """`pes = 128, dram = hbm2`."""
    shown = {key: f"{value:g}" if isinstance(value, float) else value for key, value in changes.items()}
    return ", ".join(f"{key} = {value}" for key, value in shown.items())


def _value(text: str) -> float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _find(name: str) -> tuple[str, str]:
    """Where a configuration is, and its text."""
    if name.endswith(".yaml"):
        return name, read_text(Path(name), "a configuration in YAML")
    known, named = shipped(), machines()
    if name in named:
        name = named[name].default
        if name.endswith(".yaml"):
            return name, read_text(Path(name), "the machine's default configuration")
    if name not in known:
        expected = f"a .yaml file, a machine ({', '.join(named)}) or one of {', '.join(known)}"
        found = "it is a workload" if names_workload(name) else "there is no such configuration"
        refuse(name, found, expected)
    return f"arch_configs/{name}.yaml", known[name]


def _sources(file: ConfigFile, changes: Mapping[str, float | str]) -> dict[str, str]:
    """Where each plain number and memory comes from: the file says so, or the user set it."""
    sources = {key: item.source for part in _sections(file) for key, item in part.items()}
    given = file.technology
    named = (given.clock_mhz.source, given.areas_of.source, given.dram_energy.source)
    sources |= {**dict(zip(CHANGEABLE, named, strict=True)), PRICES_NM: given.prices_nm.source}
    return {key: USER if key in changes else source for key, source in sources.items()}


def _check_changes(changes: Mapping[str, float | str], known: tuple[str, ...]) -> None:
    for key in changes:
        if key not in known:
            close = get_close_matches(key, known, 1) or known
            raise InputError(f"{shorten(key, 60)} is an unknown key ({USER}); expected {' or '.join(close)}")


def _sections(file: ConfigFile) -> list[Mapping[str, Sourced | SourcedName]]:
    """The numbers of the architecture, and the names of its components."""
    return [file.arch, *(dict(part) for part in file.components().values())]


def _check_sections(source: str, file: ConfigFile, machine: AnyMachine) -> None:
    """Refuse keys that are missing or unknown: numbers, and components in the sections that they declare."""
    components, given = components_of(machine), file.components()
    numbers = [key for key in machine.arch_type._fields if key not in components]
    check_names(f"{source}: arch", file.arch, numbers, "key", "a number with its source")
    for section in dict.fromkeys((*given, *(one.section for one in components.values()))):
        wanted = [key for key, one in components.items() if one.section == section]
        check_names(f"{source}: {section}", given.get(section, {}), wanted, section, "its name with a source")


def _change_technology(file: TechnologyFile, changes: Mapping[str, float | str]) -> TechnologyFile:
    """The file with the user's numbers and choice instead of those it gives."""
    update: dict[str, SourcedAmount | SourcedPricing] = {}
    for key, form, convert in (("clock_mhz", SourcedAmount, float), ("dram_energy", SourcedPricing, str)):
        if key in changes:
            update[key] = _checked(key, changes[key], form, convert)
    if "node_nm" in changes:
        _checked("node_nm", changes["node_nm"], SourcedAmount, float)
    return file.model_copy(update=update)


def _checked(
    key: str, value: float | str, form: type[SourcedAmount | SourcedPricing], convert: type[float | str]
) -> SourcedAmount | SourcedPricing:
    """What the user set a key of the technology to."""
    try:
        return form.model_validate({"value": convert(value), "source": USER})
    except (ValidationError, OverflowError, TypeError, ValueError):
        expected = f"a number from {LEAST:g} to {MOST:g}" if form is SourcedAmount else f"{FLAT} or {DATA_SHEET}"
        raise InputError(f"{key} is {shorten(str(value), 60)} ({USER}); expected {expected}") from None
