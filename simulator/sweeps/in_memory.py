"""A sweep in this process, without a store: of anything that `open_model` takes, into a table in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from os import PathLike
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.config.load import CHANGEABLE, Config, load_arch, shipped
from simulator.core.registry import check_engine, find
from simulator.results.fit import FITS, PARTIAL, row_fits
from simulator.run.executor import load_for
from simulator.run.simulate import simulate
from simulator.sweeps.axes import Axis, Value
from simulator.sweeps.identity import nearest
from simulator.sweeps.points import ENGINE, MACHINE, WORKLOAD, combinations, steps_of
from simulator.sweeps.sources import recipe_keys_of
from simulator.sweeps.space_checks import Machine, check_settings, check_size
from simulator.sweeps.workers.point_runner import add_up, figures, of_tokens
from workloads.document_types import Document
from workloads.errors import InputError, refuse
from workloads.model import Origin, describe, is_text, make_options, open_model
from workloads.options import WorkloadOptions
from workloads.workload import Layer, Model, Workload

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

OBJECTS = (np.ndarray, Mapping, list, tuple)
"""Settings that are no values of a store: arrays of an input, and shapes."""
NAMES = {"weight_density": "density", "input": "activation"}
"""Other names of options."""
SHOWN = ("cycles", "time_us", "energy_uj", FITS, *PARTIAL, "error")
"""Columns of the printed table after what varies."""


class Sweep(NamedTuple):
    """The points of a sweep, in order: a dictionary of each, with what varies first, then its figures or its error."""

    varied: tuple[str, ...]
    rows: tuple[Document, ...]
    machines: tuple[str, ...] = ()  # of each row, whatever its configuration is called; of a failed one as given

    @property
    def failed(self) -> int:
        """How many points have an error."""
        return sum("error" in row for row in self.rows)

    def to_frame(self) -> pd.DataFrame:
        """A row for each point."""
        import pandas as pd

        return pd.DataFrame(self.rows)

    def plot(self, kind: str = "") -> Figure:
        """A picture, of a kind that `zeroskip plot` lists. InputError where there is none, or rows lack its columns."""
        from simulator.sweeps.in_memory_outputs import plot

        return plot(self, kind)

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to a .json, .csv or .html file, whole or not at all. InputError where that cannot be."""
        from simulator.sweeps.in_memory_outputs import save

        save(self, path)

    def pareto(
        self,
        minimise: Sequence[str] = (),
        maximise: Sequence[str] = (),
        by: Sequence[str] = (),
        every: bool = False,
    ) -> pd.DataFrame:
        """The points that no other one dominates, within each group of equal `by`; of equal points all stay.

        Points that failed or lack an objective take no part, and neither do those that do not fit their machine,
        unless `every` is set. InputError where there is no objective or no such column.
        """
        from simulator.sweeps.in_memory_outputs import pareto

        return pareto(self, minimise, maximise, by, every)

    def __repr__(self) -> str:
        """What varies, with time and energy, whether it fits, and how much of a network it is."""
        return self._short().to_string(index=False)

    def _repr_html_(self) -> str:
        return str(self._short().to_html(index=False))

    def _short(self) -> pd.DataFrame:
        frame = self.to_frame()
        return frame[[name for name in (*self.varied, *SHOWN) if name in frame]]


def sweep_in_memory(
    machines: Sequence[Machine], sources: Sequence[Origin], groups: Sequence[Sequence[Axis]], fixed: Mapping[str, Value]
) -> Sweep:
    """Run every combination of machines, sources and steps of the axes; those of one group move together.

    A point that fails is a row with its error; InputError where all do, with the first one's sentence, and as in
    `check_settings` and `check_size`.
    """
    objects = [key for key, value in fixed.items() if isinstance(value, OBJECTS)]
    settled = check_settings("sweep", machines, sources, groups, fixed, objects)
    check_size("sweep", len(machines) * len(sources) * combinations(groups))
    varied = [name for name, many in ((WORKLOAD, len(sources) > 1), (MACHINE, len(machines) > 1)) if many]
    varied += [axis.name for group in groups for axis in group]
    rows: list[Document] = []
    kinds: list[str] = []
    runner = _Runner()
    for source, machine, *parts in product(sources, machines, *map(steps_of, groups)):
        settings = {**settled, **{key: value for part in parts for key, value in part}}
        what, on = settings.pop(WORKLOAD, source), settings.pop(MACHINE, machine)
        row: Document = {WORKLOAD: describe(what), MACHINE: on.name if isinstance(on, Config) else str(on), **settings}
        kind = str(row[MACHINE])
        try:
            kind, found = runner.run(what, on, settings)
            row.update({key: value for key, value in found.items() if key not in row})
        except InputError as error:
            row["error"] = str(error)
        rows.append(row)
        kinds.append(kind)
    if rows and all("error" in row for row in rows):
        raise InputError(rows[0]["error"])
    return Sweep(tuple(varied), tuple(rows), tuple(kinds))


class _Runner:
    """Runs points; a source is opened again only where an option differs from the point before."""

    def __init__(self) -> None:
        self._source: tuple[Origin, str] | None = None
        self._model: Model | None = None
        self._loaded: dict[tuple[str, str], Workload] = {}  # by layer and what it is compressed for

    def run(self, source: Origin, machine: Machine, settings: Mapping[str, Value]) -> tuple[str, Document]:
        """The machine, and the figures of a point with its notes; of a network sums over the layers that it runs.

        InputError where it cannot be run.
        """
        config, options, engine = _resolve(source, machine, settings)
        model, kinds = self._open(source, options), find(config.machine).kinds
        chosen = [one for one in model.layers if not model.network or one.kind is None or one.kind in kinds]
        if not chosen:
            refuse(model.name, f"{config.name} runs none of its layers", "a machine that does")
        rows, notes = [], [*model.left_out, *model.notes]
        for layer in chosen:
            result = simulate(config, self._load(config, layer), engine=engine, output=False)
            rows.append({"layer": layer.name, **figures(result)})
            notes += result.notes()
        left_out = [layer.name for layer in model.layers if layer not in chosen]
        if left_out:
            notes.append(f"{', '.join(left_out)} - did not run: {config.name} runs only {' and '.join(kinds)} layers")
        rows += [{"layer": name, "reason": "did not run"} for name in left_out]
        total = add_up(rows) if model.network else {key: value for key, value in rows[0].items() if key != "layer"}
        total.update(of_tokens(model.tokens, rows))
        about = {FITS: row_fits(total), "notes": "; ".join(dict.fromkeys(notes))}
        return config.machine, {"config": config.name, **config.written, **total, **about}

    def _open(self, source: Origin, options: WorkloadOptions) -> Model:
        """The model, which is kept for the next point."""
        key = repr(options.given())
        if self._model is None or self._source is None or self._source[0] is not source or self._source[1] != key:
            model = open_model(source, options)
            if model.inputs == "computed":
                refuse(model.name, "computed is given", "inputs that are given or drawn, or a sweep with a store")
            self._source, self._model, self._loaded = (source, key), model, {}
        return self._model

    def _load(self, config: Config, layer: Layer) -> Workload:
        """The compressed layer, which is kept for configurations that want the same."""
        key = (
            layer.like or layer.name,
            repr((config.machine, sorted(find(config.machine).formats(config.arch).items()))),
        )
        if key not in self._loaded:
            self._loaded[key] = load_for(config, layer)
        return self._loaded[key]


def _resolve(source: Origin, machine: Machine, settings: Mapping[str, Value]) -> tuple[Config, WorkloadOptions, str]:
    """The configuration, the options of the workload and the engine. InputError where a key is of none of them."""
    known = (
        *find((machine if isinstance(machine, Config) else load_arch(machine)).machine).arch_type._fields,
        *CHANGEABLE,
    )
    recipe = recipe_keys_of(str(source)) if is_text(source) else ()
    changes, options, drawn = dict[str, Value](), dict[str, Value](), dict[str, Value]()
    for key, value in settings.items():
        name = NAMES.get(key, key)
        if name in known:
            changes[name] = value
        elif name in WorkloadOptions._fields:
            options[name] = value
        elif name in recipe:
            drawn[name] = value
        elif name != ENGINE:
            refuse(describe(source), f"{key} is an unknown key", nearest(key, (*known, *recipe)))
    engine = str(settings.get(ENGINE, "numba"))
    check_engine(engine)
    return _change(machine, changes), make_options(**options, recipe=drawn), engine


def _change(machine: Machine, changes: Mapping[str, Value]) -> Config:
    """A configuration with other numbers. InputError where one is wrong, or where its file is not known any more."""
    if not isinstance(machine, Config):
        return load_arch(machine, **changes)
    if not changes:
        return machine
    if machine.name not in shipped() or load_arch(machine.file, **machine.changes) != machine:
        refuse(machine.name, f"{next(iter(changes))} varies and the machine is loaded already", "its name or its path")
    return load_arch(machine.file, **{**machine.changes, **changes})
