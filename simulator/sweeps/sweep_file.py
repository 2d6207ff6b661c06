"""A sweep: what varies, on what, and which figures come of it; as a file, or as a command's options."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field, ValidationError

from simulator.core.registry import machines, package_of
from simulator.sweeps.axes import MOST, Axis, Value, make_axis, take_groups
from simulator.sweeps.points import ENGINE, MACHINE, OPTIONS, WORKLOAD, Space, machine_keys
from simulator.sweeps.sources import check_source, recipe_keys_of, weights
from simulator.sweeps.space_checks import MOST_POINTS, check_settings, check_size
from workloads.errors import InputError, refuse
from workloads.yaml_files import Strict, Text, parse_yaml, read_text, validation_sentence

Values = list[int | float | str] | str | int | float
"""`[1, 2, 4]`, or a text such as `1,2,4` or `0.1:1.0:10`."""
Named = dict[Text, Values]


class Published(Strict):
    """Where a machine's `published.yaml` has the same figures."""

    machine: Text
    table: Text
    quantity: Text


class FigureFile(Strict):
    """A table made of a sweep's points: a value by rows and columns, the mean over all else that varies."""

    title: Text
    rows: Text
    columns: Text
    value: Text
    times: float = 1.0
    where: dict[Text, int | float | str] = Field(default_factory=dict)  # only such points
    over: dict[Text, int | float | str] = Field(default_factory=dict)  # the baseline: its value over each point's
    published: Published | None = None


class SweepFile(Strict):
    """A sweep as a file."""

    about: Text
    machines: Annotated[list[Text], Field(min_length=1)]
    workloads: Annotated[list[Text], Field(min_length=1)]
    over: Named = Field(default_factory=dict)
    zip: list[Named] = Field(default_factory=list)
    set: dict[Text, int | float | str] = Field(default_factory=dict)
    seeds: Values | None = None
    repeats: Annotated[int, Field(ge=1, le=MOST)] | None = None
    engine: Text | None = None
    store: Text | None = None
    figures: list[FigureFile] = Field(default_factory=list)


class NamedSweep(NamedTuple):
    """A sweep, checked."""

    name: str
    space: Space
    store: str
    figures: tuple[FigureFile, ...] = ()


def named_sweeps() -> dict[str, str]:
    """The sweeps that come with the machines, which reproduce a paper's figures: name -> text."""
    found = {}
    for machine in machines().values():
        folder = files(package_of(machine)) / "paper" / "sweeps"
        if folder.is_dir():
            found.update({one.name.removesuffix(".yaml"): one.read_text("utf-8") for one in folder.iterdir()})
    return dict(sorted(found.items()))


def load_sweep(name: str) -> NamedSweep:
    """A sweep by name or from a file. InputError names file, key, value, and what was expected."""
    if name.endswith(".yaml"):
        return parse_sweep(name, read_text(Path(name), "a sweep in YAML"))
    known = named_sweeps()
    if name not in known:
        refuse(
            name, "there is no such sweep", f"a .yaml file or one of {', '.join(known)}; or a machine and a workload"
        )
    return parse_sweep(f"{name}.yaml", known[name])


def parse_sweep(source: str, text: str) -> NamedSweep:
    """A sweep from its text. InputError names the file, the key, the value, and what was expected."""
    try:
        file = SweepFile.model_validate(parse_yaml(source, text))
    except ValidationError as error:
        raise InputError(validation_sentence(source, SweepFile, error)) from None
    if file.seeds is not None and file.repeats is not None:
        refuse(source, "seeds and repeats are given", "one of them: repeats are the seeds 0, 1, 2 and so on")
    together: list[Mapping[str, object]] = [{name: values} for name, values in file.over.items()]
    together += file.zip
    if file.seeds is not None or file.repeats is not None:
        together.append({"seed": list(range(file.repeats)) if file.repeats is not None else file.seeds})
    axes = ((_axis(source, name, values) for name, values in named.items()) for named in together)
    groups = take_groups(source, axes)
    fixed = {**file.set, **({ENGINE: file.engine} if file.engine else {})}
    space = make_space(source, file.machines, file.workloads, groups, fixed)
    return NamedSweep(Path(source).stem, space, file.store or f"{Path(source).stem}.db", tuple(file.figures))


def make_space(
    source: str,
    machines: Sequence[str],
    workloads: Sequence[str],
    groups: Sequence[tuple[Axis, ...]],
    fixed: Mapping[str, Value],
    most: int = MOST_POINTS,
) -> Space:
    """Machines x workloads x axes; workloads come by falling size, so that none of the large ones comes last.

    groups: axes that move together. most: how many points there may be. InputError as in `check_settings` and
    `check_size`, and where a key means nothing to any of the machines or workloads.
    """
    settings = check_settings(source, machines, workloads, groups, fixed)
    single, kept = _take_out(groups, machines, workloads)
    space = Space(*single, tuple(kept), tuple(sorted(settings.items())))
    check_size(source, space.size, most)
    _check_keys(source, space)
    return space._replace(workloads=tuple(sorted(space.workloads, key=weights, reverse=True)))


def _take_out(
    groups: Sequence[tuple[Axis, ...]], machines: Sequence[str], workloads: Sequence[str]
) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], list[tuple[Axis, ...]]]:
    """Axes that are only `machine` or only `workload` become lists of machines and workloads."""
    kept, found = [], {MACHINE: tuple(machines), WORKLOAD: tuple(workloads)}
    for group in groups:
        if len(group) == 1 and group[0].name in found:
            found[group[0].name] = tuple(map(str, group[0].values))
        else:
            kept.append(group)
    return (found[MACHINE], found[WORKLOAD]), kept


def _axis(source: str, name: str, values: object) -> Axis:
    return make_axis(source, name, values if isinstance(values, list) else [values])


def _check_keys(source: str, space: Space) -> None:
    """Refuse machines, workloads and keys that mean nothing: else each of their points would be an error."""
    from simulator.sweeps.identity import nearest

    moving = [axis for group in space.axes for axis in group]
    machines = [*space.machines, *(str(v) for axis in moving if axis.name == MACHINE for v in axis.values)]
    workloads = [*space.workloads, *(str(v) for axis in moving if axis.name == WORKLOAD for v in axis.values)]
    for workload in workloads:
        check_source(workload)
    for name in (*(axis.name for axis in moving), *(key for key, _ in space.fixed)):
        if not any(_knows(machine, workload, name) for machine in machines for workload in workloads):
            known = [key for one in machines for key in machine_keys(one)]
            known += [key for one in workloads for key in recipe_keys_of(one)]
            refuse(source, f"{name} is an unknown key", nearest(name, tuple(known)))


def _knows(machine: str, workload: str, name: str) -> bool:
    """Whether a key means something to a machine, to how workloads are loaded, or to what one is drawn after."""
    known = (MACHINE, WORKLOAD, ENGINE, *OPTIONS, *machine_keys(machine))
    return name in known or name in recipe_keys_of(workload)
