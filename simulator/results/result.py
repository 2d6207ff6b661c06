"""What a simulation gives: a result, as a dictionary, as a row of a DataFrame."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from simulator.core.registry import find
from simulator.core.run import Run
from simulator.pricing.energy import Line, area_um2, by_component
from simulator.pricing.scaling.projection import project
from workloads.document_types import Document, copied
from workloads.errors import refuse
from workloads.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    import pandas as pd
    from matplotlib.figure import Figure

    from simulator.config.load import Config
    from workloads.workload import Workload
from simulator.core.machine import Table

KILO, MICRO, PICO = 1000, 1e-6, 1e-12


FORMAT = "zeroskip 1"
"""Of the JSON; another number says that keys mean something else."""


NOT_IN_A_ROW = ("energy_lines", "tables", "config_sources", "versions")


VERSIONED = ("zeroskip", "numpy", "numba", "simpy")


@cache
def versions() -> dict[str, str]:
    """Of Python, of the simulator, and of the libraries that compute; "not installed" for a bare checkout."""
    found = {"python": platform.python_version()}
    for name in VERSIONED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def project_asked(config: Config, lines: Sequence[Line]) -> Document | None:
    """Energy and area at the node that was asked for with `node_nm`, under every scaling set; None: none was."""
    if "node_nm" not in config.changes:
        return None
    units = find(config.machine).units(config.arch)
    area = area_um2(units, config.technology)
    return project(lines, config.technology, area, float(config.changes["node_nm"]))


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """One workload on one configuration."""

    config: Config
    workload: Workload
    engine: str
    run: Run
    counts: dict[str, int]  # event -> how often it happened
    reasons: dict[str, dict[str, int]]  # kind of unit -> reason -> cycles of all its units
    figures: Document  # of merit: those of every machine, and the machine's own
    energy: list[Line]
    area_mm2: float | None  # None: the configuration gives none
    dram_bytes: int  # moved between DRAM and chip
    roofline: Document  # operations, bytes, and the most of each in a cycle
    units: dict[str, int]  # how many of each part the machine has
    violations: list[str]  # what does not fit the machine
    elapsed_s: float  # on this computer, for layout and run; the first includes compilation
    tables: list[Table]
    output_matches_reference: bool | None = None  # None: not compared

    @property
    def cycles(self) -> int:
        """Cycles of the whole run."""
        return self.run.cycles

    @property
    def time_us(self) -> float:
        """Simulated time of one inference."""
        return self.run.cycles / self.config.technology.clock_mhz

    @cached_property
    def energy_pj(self) -> dict[str, float]:
        """Energy of one inference by component, and `total`."""
        return by_component(self.energy)

    @property
    def energy_uj(self) -> float:
        """Energy of one inference."""
        return self.energy_pj["total"] * PICO / MICRO

    @property
    def edp_uj_us(self) -> float:
        """Energy times time."""
        return self.energy_uj * self.time_us

    @property
    def given_area_mm2(self) -> float:
        """The area. InputError where the configuration gives none."""
        if self.area_mm2 is None:
            refuse(self.config.name, "it gives no area", "a configuration with area_um2")
        return self.area_mm2

    @property
    def at_node(self) -> Document | None:
        """Energy and area at the node that was asked for with `node_nm`, under every scaling set; None: none was."""
        return project_asked(self.config, self.energy)

    def notes(self) -> list[str]:
        """Sentences: what does not fit the machine, what is assumed, left out or lost."""
        return [*(f"does not fit: {one}" for one in self.violations), *self._notes()]

    def _notes(self) -> list[str]:
        return [*self.config.notes, *self.workload.notes, *self.workload.layer.notes]

    @property
    def lead(self) -> list[str]:
        """Sentences that a reader needs before the figures."""
        return list(find(self.config.machine).lead(self.config.arch, self.run, self.config.technology.clock_mhz))

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it; a copy, which the caller may change."""
        return copied(self._fields(whole=True))

    def measured(self) -> Document:
        """The figures of `to_dict`, in its order, without what any run of this configuration has in common; no copy."""
        return self._fields(whole=False)

    def _fields(self, whole: bool) -> Document:
        """All of it, or only what was measured."""
        layer, figures, time_us = self.workload.layer, self.figures, self.time_us
        return {
            **(self._about() if whole else {}),
            "inputs": layer.inputs,
            "outputs": layer.outputs,
            **{f"{what}_density": share for what, share in kind_of(layer).densities(layer).items()},
            "cycles": self.run.cycles,
            "time_us": time_us,
            "theoretical_us": figures["theoretical_cycles"] / self.config.technology.clock_mhz,
            **figures,
            "gops": 2 * figures["multiplies"] / time_us / KILO,
            "gops_dense_equivalent": layer.dense_operations / time_us / KILO,
            "cycles_by_reason": {name: n for kind in self.reasons.values() for name, n in kind.items()},
            **({"reason_units": {kind: list(names) for kind, names in self.reasons.items()}} if whole else {}),
            "counts": self.counts,
            "roofline": self.roofline,
            **self._energy_fields(whole),
            "dram_bytes": self.dram_bytes,
            "area_mm2": self.area_mm2,
            "frames_per_s": 1 / (time_us * MICRO),
            **(self._compared() if whole else {}),
            **(kind_of(layer).measures(layer, self.run.output) if self.run.output.size else {}),
            "lead": self.lead,
            "violations": self.violations,
            "notes": self._notes(),
            **(self._machine() if whole else {}),
            "prices_nm": self.config.technology.energy_node_nm,
            "at_node": self.at_node,
            **(self._origin() if whole else {}),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row; nested keys become columns such as `energy_pj.total`, lists text; NOT_IN_A_ROW is left out."""
        import pandas as pd

        fields = {key: value for key, value in self.to_dict().items() if key not in NOT_IN_A_ROW}
        fields["changes"] = [f"{key}={value}" for key, value in fields["changes"].items()]
        return pd.json_normalize(fields).map(lambda value: "; ".join(value) if isinstance(value, list) else value)

    def __repr__(self) -> str:
        """A short table."""
        from simulator.display.text import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from simulator.display.notebook import as_html

        return as_html(self)

    def plot(self, kind: str = "") -> Figure:
        """A picture, of a kind that `zeroskip plot` lists. InputError where there is none, or it is not of this."""
        from simulator.display.pictures import plot

        return plot(self, kind)

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to a .json, .csv or .html file, whole or not at all. InputError where that cannot be."""
        from simulator.display.files import save

        save(self, path)

    def _about(self) -> Document:
        """What was run on what."""
        return {
            "format": FORMAT,
            "machine": self.config.machine,
            "config": self.config.name,
            "changes": self.config.changes,
            "workload": self.workload.name,
            "title": self.workload.title,
            "workload_source": self.workload.source,
            "engine": self.engine,
            "seed": self.workload.seed,
        }

    def _compared(self) -> Document:
        """The output's largest element, and whether the output is right."""
        return {
            "output_matches_reference": self.output_matches_reference,
            "output_argmax": int(self.run.output.argmax()) if self.run.output.size else None,
        }

    def _machine(self) -> Document:
        """The numbers of the configuration."""
        technology = self.config.technology
        return {
            "units": self.units,
            "arch": self.config.written,
            "clock_mhz": technology.clock_mhz,
            "node_nm": technology.node_nm,
        }

    def _energy_fields(self, whole: bool) -> Document:
        """Sums by component, the lines that they are sums of, and what follows from the total."""
        joules, energy_uj, time_us = self.energy_pj["total"] * PICO, self.energy_uj, self.time_us
        return {
            "energy_pj": self.energy_pj,
            **({"energy_lines": [line._asdict() for line in self.energy]} if whole else {}),
            "edp_uj_us": energy_uj * time_us,
            "power_mw": joules / (time_us * MICRO) * KILO,
            "frames_per_j": 1 / joules if joules else None,
        }

    def _origin(self) -> Document:
        """Where the configuration's numbers come from, what computed the result in which time, and tables."""
        return {
            "config_sources": self.config.describe_sources(),
            "versions": versions(),
            "elapsed_s": self.elapsed_s,
            "tables": [table._asdict() for table in self.tables],
        }
