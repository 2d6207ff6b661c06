"""The memories that come with the simulator: YAML -> checked numbers, each with its source."""

from collections.abc import Collection
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from operator import index
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import Field, ValidationError

from simulator.hardware.dram.spec import Dram, mapping_code, problem
from workloads.errors import InputError
from workloads.sourced import Amount, Sourced, SourcedAmount, SourcedEnergy, SourcedName
from workloads.yaml_files import Strict, Text, parse_yaml, shorten, validation_sentence

Moved = Literal["read", "write"]
Event = Literal["activate", "read", "write", "refresh"]
SHAPE = "ranks", "groups", "banks", "rows", "row_bytes", "line_bytes", "bl"
TIMINGS = Dram._fields[Dram._fields.index("cl") : Dram._fields.index("queue")]


class ControllerPart(Strict):
    """The controller's address mapping and the length of its queue."""

    mapping: SourcedName
    queue: Sourced


class Rail(Strict):
    """A power rail of a chip: voltage, and currents by the names of data sheets."""

    volts: Annotated[float, Field(gt=0, le=20)]
    idd0_ma: Amount
    idd2n_ma: Amount
    idd3n_ma: Amount
    idd4r_ma: Amount
    idd4w_ma: Amount
    idd5_ma: Amount
    source: Text


class Preset(Strict):
    """One channel of a memory, as its YAML file describes it."""

    about: Text
    tck_ps: Sourced
    controller: ControllerPart
    geometry: dict[str, Sourced]
    timing_ns: dict[str, SourcedAmount]
    timing_clocks: dict[str, Sourced]
    chips: Sourced  # of a rank
    burst_ns: SourcedAmount
    rails: Annotated[dict[str, Rail], Field(min_length=1)]
    io_pj_per_bit: dict[Moved, SourcedEnergy]
    event_pj: dict[Event, SourcedEnergy] = Field(default={})


def load_dram(
    name: str, /, core_ps: int | None = None, channels: int = 1, mapping: str | None = None, **changes: int
) -> Dram:
    """A memory for a machine whose cycle lasts `core_ps` (default: as long as a memory clock).

    mapping: an order of address parts such as RoBaRaCoCh. changes: any other fields of `Dram`. InputError where the
    memory or a field is unknown, a number is out of range, or numbers contradict each other.
    """
    preset = load_preset(name)
    tck_ps = preset.tck_ps.value
    geometry = {key: item.value for key, item in preset.geometry.items()}
    numbers = {
        "tck_ps": tck_ps,
        "core_ps": tck_ps if core_ps is None else core_ps,
        "channels": channels,
        **{key: geometry[key] for key in SHAPE if key != "row_bytes"},
        "row_lines": geometry["row_bytes"] // geometry["line_bytes"],
        **{key: timing_clocks(preset, key) for key in TIMINGS},
        "queue": preset.controller.queue.value,
        "mapping": _code(preset.controller.mapping.value if mapping is None else mapping),
    }
    for key in changes:
        if key not in Dram._fields:
            close = get_close_matches(key, Dram._fields, 1) or Dram._fields
            raise InputError(f"{shorten(key, 60)} is an unknown number of a DRAM; expected {' or '.join(close)}")
    dram = Dram(**{key: _integer(name, key, changes.get(key, numbers[key])) for key in Dram._fields})
    reason = problem(dram)
    if reason:
        raise InputError(f"DRAM {name}{' with changes' if changes else ''}: {reason}")
    return dram


@cache
def load_preset(name: str) -> Preset:
    """The checked file of a memory. InputError where there is no such memory, or its file is wrong."""
    known = presets()
    if name not in known:
        close = get_close_matches(name, known, 3) or known
        raise InputError(f"{shorten(name, 60)}: there is no such DRAM; expected {' or '.join(close)}")
    where = f"presets/{name}.yaml"
    return check_preset(where, known[name])


def check_preset(where: str, text: str) -> Preset:
    """Check the text of a memory's file. InputError where a key is missing, unknown or has a wrong value."""
    try:
        preset = Preset.model_validate(parse_yaml(where, text))
    except ValidationError as error:
        raise InputError(validation_sentence(where, Preset, error)) from None
    _check_keys(f"{where}: geometry", preset.geometry, SHAPE)
    _check_keys(f"{where}: timing_ns or timing_clocks", {**preset.timing_ns, **preset.timing_clocks}, TIMINGS)
    _check_keys(f"{where}: io_pj_per_bit", preset.io_pj_per_bit, ("read", "write"))
    return preset


@cache
def presets() -> dict[str, str]:
    """The memories that come with the simulator: name -> text of the file."""
    found = [
        item for item in files("simulator.hardware.dram").joinpath("presets").iterdir() if item.name[-5:] == ".yaml"
    ]
    return {item.name[:-5]: item.read_text("utf-8") for item in sorted(found, key=lambda item: item.name)}


def timing_clocks(preset: Preset, key: str) -> int:
    """A timing in memory clocks: nanoseconds rounded as JEDEC does (JESD79-4), but no less than the clocks also given.

    JEDEC rounds up where a time exceeds whole clocks by more than 2.6 % of a clock, because the clock period itself is
    rounded: 1/1.2 GHz to 0.833 ns.
    """
    clocks = preset.timing_clocks[key].value if key in preset.timing_clocks else 0
    if key in preset.timing_ns:
        picoseconds = round(1000 * preset.timing_ns[key].value)
        clocks = max(clocks, (1000 * picoseconds // preset.tck_ps.value + 974) // 1000)
    return clocks


def _check_keys(where: str, given: Collection[str], expected: tuple[str, ...]) -> None:
    for key in expected:
        if key not in given:
            raise InputError(f"{where}.{key} is missing; expected a number with its source")
    for key in given:
        if key not in expected:
            close = get_close_matches(key, expected, 1) or expected
            raise InputError(f"{where}.{shorten(key, 60)} is an unknown key; expected {' or '.join(close)}")


def _code(mapping: str) -> int:
    try:
        return mapping_code(mapping)
    except ValueError as error:
        raise InputError(f"mapping is {shorten(repr(mapping), 60)}; expected {error}") from None


def _integer(name: str, key: str, value: int) -> int:
    """`value` as an integer. InputError where it is outside the limits of its field."""
    limits = _hints()[key].__metadata__[0]
    highest = getattr(limits, "le", None)
    try:
        number = index(value)
    except TypeError:
        number = limits.ge - 1
    if number < limits.ge or (highest is not None and number > highest):
        expected = f"an integer from {limits.ge} to {highest}"
        raise InputError(f"DRAM {name}: {key} is {shorten(str(value), 60)}; expected {expected}")
    return number


@cache
def _hints() -> dict[str, Any]:
    """The annotations of the fields of `Dram`, which hold their limits."""
    return get_type_hints(Dram, include_extras=True)
