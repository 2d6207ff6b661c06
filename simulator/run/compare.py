"""One workload on several machines, layer by layer, against a named baseline."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from simulator.config.load import Config
from simulator.results.model_result import LayerRow, ModelResult, Total
from simulator.results.notes import names_of_layers
from simulator.results.result import versions
from simulator.run.executor import Execution, run, run_model
from simulator.run.machines import choose_baseline
from simulator.run.price_bases import price_bases
from workloads.document_types import Document
from workloads.errors import refuse
from workloads.field_docs import describe_fields
from workloads.model import Origin, describe, open_layers
from workloads.options import WorkloadOptions

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd
    from matplotlib.figure import Figure


@describe_fields(
    speedup="Time of the baseline over time of the machine.",
    energy_ratio="Energy of the baseline over energy of the machine.",
)
class Ratios(NamedTuple):
    """Of the baseline to a machine: above 1, the machine is faster or needs less. None: one of the two did not run."""

    speedup: float | None
    energy_ratio: float | None


@describe_fields(
    workload="Its name.",
    baseline="The name of the machine that ratios refer to.",
    results="By the machines' names.",
)
class Comparison(NamedTuple):
    """The same layers on machines, which are called as the user called them."""

    workload: str
    baseline: str
    results: dict[str, ModelResult]

    @property
    def title(self) -> str:
        """The workload, with the layers that were chosen of it: `net.onnx, conv1 (1 of 3 layers)`."""
        results = list(self.results.values())
        single = next((result for result in results if result.single is not None), None)
        return results[0]._replace(workload=self.workload).title if single is None else single.title

    @property
    def layers(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(row.layer for row in next(iter(self.results.values())).rows)

    @property
    def common(self) -> tuple[str, ...]:
        """Layers that ran, with the same work, on all machines that are not `idle`; () where fewer than two ran."""
        several = len(self.results) - len(self.idle) > 1
        return tuple(layer for layer in self.layers if several and self._is_common(layer))

    @property
    def idle(self) -> tuple[str, ...]:
        """The machines that ran no layer."""
        return tuple(machine for machine, result in self.results.items() if not result.ran)

    def row(self, machine: str, layer: str) -> LayerRow:
        """What a layer cost on a machine. InputError where one of the two was not compared."""
        if machine not in self.results:
            refuse("comparison", f"machine is {machine!r}", f"one of {', '.join(self.results)}")
        if layer not in self.layers:
            refuse("comparison", f"layer is {layer!r}", f"one of {', '.join(self.layers)}")
        return next(row for row in self.results[machine].rows if row.layer == layer)

    def ratios(self, machine: str, layer: str = "") -> Ratios:
        """Of a layer, or of the only one; both are None where the two did unequal work, as other numbers of voices.

        InputError where the machine or the layer was not compared, and where no layer of several is given.
        """
        if not layer and len(self.layers) > 1:
            refuse("comparison", "no layer is given", f"one of {', '.join(self.layers)}, or `total_ratios(machine)`")
        named = layer or self.layers[0]
        row, base = self.row(machine, named), self.row(self.baseline, named)
        if row.reason or base.reason or row.operations != base.operations:
            return Ratios(None, None)
        return divide(base, row)

    def common_total(self, machine: str) -> Total | None:
        """Over the layers in common; None where there is none, or where the machine ran no layer."""
        return self.results[machine].total(self.common) if self.common and machine not in self.idle else None

    def total_ratios(self, machine: str) -> Ratios:
        """Over the layers in common; None where one of the two ran no layer."""
        base, other = self.common_total(self.baseline), self.common_total(machine)
        return Ratios(None, None) if base is None or other is None else divide(base, other)

    def notes(self) -> list[str]:
        """Sentences: which layers did not run where and why, and what does not fit."""
        whose: dict[str, list[str]] = {}
        for machine, result in self.results.items():
            for note in result.lead + result.notes():
                whose.setdefault(note, []).append(machine)
        found = [f"{', '.join(dict.fromkeys(machines))}: {note}" for note, machines in whose.items()]
        unequal = [layer for layer in self.layers if len(self._operations(layer)) > 1]
        if unequal:
            like = [name for name in self.results if any(self.ratios(name, one).speedup for one in unequal)]
            what = f"those of work unlike {self.baseline}'s have" if set(like) - {self.baseline} else "there are"
            found.append(f"{names_of_layers(unequal)} - the machines do unequal work, so that {what} no ratios")
        if self.idle:
            found.append(f"{', '.join(self.idle)} ran no layer: layers in common are those of the other machines")
        if self.baseline in self.idle:
            found.append(f"{self.baseline} is the baseline and ran no layer, so that there are no ratios")
        return found + price_bases({name: result.config for name, result in self.results.items()})

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it; ratios are those of the baseline to the machine."""
        return {
            "workload": self.workload,
            "title": self.title,
            "baseline": self.baseline,
            "layers": list(self.layers),
            "common_layers": list(self.common),
            "machines": {machine: self._machine(machine) for machine in self.results},
            "notes": self.notes(),
            "options": dict(self.results[self.baseline].options),
            "versions": versions(),
        }

    def to_frame(self) -> "pd.DataFrame":
        """A row for each layer and configuration."""
        import pandas as pd

        frames = []
        for machine, result in self.results.items():
            frame = result._replace(network=True).to_frame().drop(columns="machine")
            frame.insert(1, "name", machine)
            frame["baseline"] = self.baseline
            ratios = [self.ratios(machine, layer) for layer in self.layers]
            for key in Ratios._fields:
                frame[key] = pd.array([getattr(one, key) for one in ratios], dtype="Float64")
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def __repr__(self) -> str:
        """A short table."""
        from simulator.display.text import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from simulator.display.notebook import as_html

        return as_html(self)

    def plot(self, kind: str = "") -> "Figure":
        """A picture, of a kind that `zeroskip plot` lists. InputError where there is none, or it is not of this."""
        from simulator.display.pictures import plot

        return plot(self, kind)

    def save(self, path: "str | PathLike[str]") -> None:
        """Write it to a .json, .csv or .html file, whole or not at all. InputError where that cannot be."""
        from simulator.display.files import save

        save(self, path)

    def _machine(self, machine: str) -> Document:
        content = self.results[machine]._replace(network=True).to_dict()
        for key in ("computed", "inputs", "options", "title", "versions"):  # the comparison has them once
            del content[key]
        for row in content["layers"]:
            row.update(self.ratios(machine, row["layer"])._asdict())
        common = self.common_total(machine)
        ratios = self.total_ratios(machine)._asdict()
        return {**content, "common_total": None if common is None else {**common._asdict(), **ratios}}

    def _operations(self, layer: str) -> set[int]:
        """Of the dense layer, on the machines that ran it."""
        found = {self.row(machine, layer).operations for machine in self.results}
        return {one for one in found if one is not None}

    def _is_common(self, layer: str) -> bool:
        ran = all(self.row(machine, layer).reason is None for machine in self.results if machine not in self.idle)
        return ran and len(self._operations(layer)) == 1


def divide(base: LayerRow | Total, other: LayerRow | Total) -> Ratios:
    """What the baseline takes over what the other takes."""
    pairs = (base.time_us, other.time_us), (base.energy_uj, other.energy_uj)
    return Ratios(*(above / below if above is not None and below else None for above, below in pairs))


def compare_on(
    configs: Mapping[str, Config],
    source: Origin,
    options: WorkloadOptions,
    asked: str | None,
    layers: Sequence[str] = (),
    how: Execution | None = None,
) -> Comparison:
    """Run a model, or some of its layers, on machines. InputError as in `choose_baseline` and `executor.run`.

    asked: the baseline; None: chosen as `choose_baseline` does among the machines that ran a layer.
    """
    baseline = choose_baseline(configs, asked)
    how = Execution() if how is None else how
    if layers:
        results = run_model(list(configs.values()), open_layers(source, layers, options), how)
    else:
        results = run(list(configs.values()), source, options, how)
    if asked is None:
        ran = {name: config for (name, config), result in zip(configs.items(), results, strict=True) if result.ran}
        baseline = choose_baseline(ran or configs, None)
    name = results[0].workload if results[0].tokens else describe(source)  # a language model is called as in a run
    return compare(name, baseline, list(configs), results)


def compare(workload: str, baseline: str, machines: Sequence[str], results: Sequence[ModelResult]) -> Comparison:
    """Put results of the same layers side by side, each under the name of its machine."""
    return Comparison(workload, baseline, dict(zip(machines, results, strict=True)))
