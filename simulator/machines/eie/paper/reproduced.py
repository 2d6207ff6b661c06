"""The authors' simulator on the real FC8, and this one on the same data: `zeroskip validate eie --data FILE`."""

from collections.abc import Iterator
from pathlib import Path

from simulator.core.published import PublishedFigure, compare_figure, read_published, standing
from simulator.machines.eie.paper.validation import configuration
from simulator.run.simulate import simulate
from workloads.errors import refuse
from workloads.model import load_workload

SHAPE = 4096, 1000
"""Inputs and outputs of AlexNet's FC8."""
HOW = "the layer in github.com/RalphMao/EIE-simulator as .npz, see docs/eie.md"


def rows(file: Path) -> Iterator[PublishedFigure]:
    """Each figure of the authors' simulator. file: the real layer. InputError where it is another layer."""
    workload = load_workload(str(file))
    shape = workload.layer.inputs, workload.layer.outputs
    if shape != SHAPE:
        refuse(str(file), f"its layer has {shape[0]} inputs and {shape[1]} outputs", f"4096 and 1000: {HOW}")
    published = read_published("simulator.machines.eie.paper")
    table = published["authors_simulator"]
    ((key, points),) = table["over"].items()
    results = [simulate(configuration(**{key: point}), workload, output=False) for point in points]
    for quantity, values in table["rows"].items():
        for point, result, value in zip(points, results, values, strict=True):
            found = result.to_dict()
            known = {**found["counts"], **found, "load_balance_percent": 100 * found["load_balance"]}
            row = f"real-fc8, {key}={point}"
            yield compare_figure(
                published["paper"],
                table["table"],
                row,
                quantity,
                value,
                known[quantity],
                table["mark"],
                standing({**table, "quantity": quantity}, row),
            )
