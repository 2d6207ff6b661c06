"""Number formats on real networks: what they take, what they cost the task, and cycles and energy on every machine.

Weights alone are rounded; the machines run each network's layers with these weights, pruned or not.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from simulator.config.formats import WEIGHT_FORMAT
from simulator.config.load import Config, load_arch
from simulator.core.registry import find, machines
from simulator.pricing.energy import by_component
from simulator.pricing.technology import TOTAL
from simulator.run.simulate import simulate
from workloads.compression.masks import by_density
from workloads.document_types import Document
from workloads.errors import InputError
from workloads.kinds import find_kind
from workloads.number_formats import number_formats
from workloads.number_formats.number_format import NumberFormat
from workloads.options import WorkloadOptions
from workloads.sources.zoo.recipes import draw_any, zoo
from workloads.study import Progress
from workloads.training.constraints import round_to
from workloads.workload import Workload

DENSITIES = (1.0, 0.3)
GAUSSIAN = (1024, 1024)
DRAWN = ("alexnet-fc8", "nt-we")
"""Layers of the zoo, pruned to their published densities: what formats lose, without a task."""


class Task(NamedTuple):
    """A real network: its matrices, its layers as they run, and how well it does with other matrices."""

    name: str
    measures: tuple[str, ...]  # headings
    weights: dict[str, np.ndarray]  # float32 [outputs, inputs]
    layers: tuple[Any, ...]  # fully connected, in running order, each with an input; matrices may occur more than once
    try_out: Callable[[dict[str, np.ndarray]], tuple[str, ...]]  # gets such weights, gives the measures


class Loss(NamedTuple):
    """What a format takes and loses on a network, on any machine."""

    bits: float  # a weight
    measures: tuple[str, ...]  # see `Task`


def study(seed: int, progress: Progress) -> Document:
    """Every format on rxnmapper's ALBERT, on a LeNet trained here, and on a network of tiara; then on drawn layers."""
    tables, points = [], []
    for task in _tasks(seed, progress):
        losses = {}
        for name, form in number_formats().items():
            losses[name] = _try_out(task, form)
            progress(f"{task.name}: {name}")
        for config in _machines():
            rows = []
            for name, loss in losses.items():
                cells, figures = _row(task, config, name, loss)
                rows.append(cells)
                points.append({"network": task.name, "machine": config.name, "format": name, **figures})
                progress(f"{task.name} on {config.name}: {name}")
            costs = [f"{what} at {density:g}" for density in DENSITIES for what in ("cycles", "nJ")]
            title = f"{task.name}: weights in each format, and on {config.name} (one token, or one example)"
            columns = ["format", "bits a weight", *task.measures, *costs]
            tables.append({"title": title, "columns": columns, "rows": rows})
    tables += [_gaussian(), _drawn(seed)]
    return {"study": "Number formats on real networks", "tables": tables, "points": points}


def _machines() -> list[Config]:
    """The default configurations of the machines that have a choice of formats."""
    return [load_arch(name) for name, machine in machines().items() if WEIGHT_FORMAT in machine.arch_type._fields]


def _try_out(task: Task, form: NumberFormat) -> Loss:
    """Round all matrices of a network to a format."""
    rounded, bits, size = {}, 0, 0
    for key, weight in task.weights.items():
        encoded = form.encode(weight)
        rounded[key] = form.decode(encoded).astype(np.float32)
        bits, size = bits + form.storage_bits(encoded), size + weight.size
    return Loss(bits / size, task.try_out(rounded))


def _row(task: Task, config: Config, name: str, loss: Loss) -> tuple[list[str], Document]:
    """A format's cells and figures on a machine."""
    costs: list[float | None] = []
    for density in DENSITIES:
        costs += _cost(task, config, name, density)
    shown = ["-" if cost is None else f"{cost:,.0f}" for cost in costs]
    measures = dict(zip(task.measures, loss.measures, strict=True))
    figures = {"bits_per_weight": loss.bits, **measures, "costs": costs}
    return [name, f"{loss.bits:.3f}", *loss.measures, *shown], figures


def _cost(task: Task, config: Config, name: str, density: float) -> tuple[float | None, float | None]:
    """Cycles and nJ of all layers; None where the machine cannot decode the format."""
    try:
        arranged = load_arch(config.name, weight_format=name)
    except InputError:
        return None, None
    formats = find(arranged.machine).formats(arranged.arch)
    cycles, picojoules = 0, 0.0
    for layer in task.layers:
        compressed = find_kind("fully connected").compress(layer, density, WorkloadOptions(formats=formats))
        result = simulate(arranged, Workload(layer.name, "given", None, compressed), output=False)
        cycles += result.run.cycles
        picojoules += by_component(result.energy)[TOTAL]
    return cycles, picojoules / 1000


def _tasks(seed: int, progress: Progress) -> Iterator[Task]:
    yield _reactions()
    yield _digits(seed, progress)
    yield _sequences()


def _reactions() -> Task:
    """Masked tokens of chemical reactions, by rxnmapper's ALBERT."""
    from workloads.experiments.aqn import kl, predicted
    from workloads.sources.pretrained.albert import LINEAR, REACTIONS, albert, albert_network, mask

    network = albert()
    masked = [mask(network, reaction) for reaction in REACTIONS]
    right = np.concatenate([one.right[one.places] for one in masked])
    exact = np.concatenate([predicted(network, one) for one in masked])

    def try_out(weights: dict[str, np.ndarray]) -> tuple[str, ...]:
        other = network.with_weights(weights)
        share = np.concatenate([predicted(other, one) for one in masked])
        found = int(np.count_nonzero(share.argmax(axis=1) == right))
        return f"{found} of {right.size}", f"{kl(exact, share):.4f}"

    weights = {name: network.linear(name)[0] for name in LINEAR}
    layers = albert_network().layers
    return Task("rxnmapper", ("tokens recovered", "KL"), weights, layers, try_out)


def _digits(seed: int, progress: Progress) -> Task:
    """Handwritten digits, by LeNet-300-100, trained here."""
    from workloads.experiments.lenet import DENSE, LAYERS, Trainer
    from workloads.experiments.mnist import load_mnist
    from workloads.training.network import forward
    from workloads.training.sgd import error_percent

    data, test = load_mnist()
    trainer = Trainer(data, test, seed, progress)
    trainer.train(DENSE, "LeNet-300-100")
    parameters, layers = trainer.parameters(), []
    activation = test.inputs[:1]
    for layer, one, (_, bias) in zip(trainer.layers(), LAYERS, parameters, strict=True):
        layers.append(layer._replace(activation=activation[0]))
        activation = np.maximum(forward((one,), [(layer.weight, bias)], activation)[0], 0)

    def try_out(weights: dict[str, np.ndarray]) -> tuple[str, ...]:
        rounded = [(weights[layer.name], bias) for layer, (_, bias) in zip(layers, parameters, strict=True)]
        return (f"{error_percent(LAYERS, rounded, test):.2f}",)

    weights = {layer.name: layer.weight for layer in layers}
    return Task("LeNet-300-100", ("error %",), weights, tuple(layers), try_out)


def _sequences() -> Task:
    """Sequences of DNA, by a network of tiara."""
    from workloads.sources.pretrained.tiara import tiara_accuracy, tiara_network

    layers: tuple[Any, ...] = tiara_network("first", 4).layers

    def try_out(weights: dict[str, np.ndarray]) -> tuple[str, ...]:
        other = [layer._replace(weight=weights[layer.name]) for layer in layers]
        return (f"{100 * (1 - tiara_accuracy(other)):.2f}",)

    return Task("tiara-k4", ("error %",), {layer.name: layer.weight for layer in layers}, layers, try_out)


def _gaussian() -> Document:
    """Noise of every format on numbers from one normal distribution, which other tools can draw, too."""
    values, rows = np.random.default_rng(0).standard_normal(GAUSSIAN).astype(np.float32), []
    for name, form in number_formats().items():
        encoded = form.encode(values)
        worth = form.decode(encoded)
        noise = 10 * np.log10((values.astype(np.float64) ** 2).sum() / ((worth - values) ** 2).sum())
        bits = form.storage_bits(encoded) / values.size
        rows.append([name, form.about, f"{bits:.3f}", f"{noise:.2f}", f"{100 * np.mean(worth == 0):.1f}"])
    columns = ["format", "what it is", "bits a value", "SQNR dB", "zeros %"]
    return {"title": "N(0, 1), 1,024 x 1,024, seed 0", "columns": columns, "rows": rows}


def _drawn(seed: int) -> Document:
    """Every format on drawn layers, pruned to their published densities."""
    rows = []
    for layer in DRAWN:
        weight = draw_any(layer, zoo()[layer], 1.0, seed).weight
        weight = weight * by_density(weight, zoo()[layer].weight_density.value)
        for name, form in number_formats().items():
            bits = form.storage_bits(form.encode(weight)) / weight.size
            error = float(np.linalg.norm(round_to(form, weight) - weight) / np.linalg.norm(weight))
            rows.append([layer, name, f"{bits:.3f}", f"{100 * error:.2f}", form.about])
    columns = ["layer", "format", "bits a weight", "error %", "what it is"]
    title = f"drawn layers, zeros stored as codes too, seed {seed}; error: |w' - w| / |w|"
    return {"title": title, "columns": columns, "rows": rows}
