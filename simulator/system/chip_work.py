"""What the chips compute in a step: times of layers out of the executor's results, as stages."""

from collections.abc import Sequence
from typing import NamedTuple

from simulator.config.load import PS_PER_US, Config
from simulator.results.model_result import ModelResult
from simulator.results.rows import LayerRow
from simulator.run.executor import Execution, run_model
from simulator.system.stages import Stage
from workloads.division import NO_LAYER, Division, LayerStage
from workloads.errors import refuse


class ChipWork(NamedTuple):
    """The stages of a step, with what each is called and what their layers cost."""

    names: tuple[str, ...]  # of each stage's layer
    sorts: tuple[str, ...]  # of each stage, what layers of its sort are called
    stages: tuple[Stage, ...]
    chips_pj: float | None  # of all layers of all chips; None: not known
    static_pj_per_ps: float  # of a chip, whether it computes or not
    results: tuple[ModelResult, ...]  # that the times come from


def run_chips(config: Config, division: Division, how: Execution) -> ChipWork:
    """Run the layers of all chips, each sort once. InputError where the machine does not run one of them."""
    (result,) = run_model([config], division.model, how)
    rows = checked_rows(result, config)
    clock, chips = config.technology.clock_mhz, division.chips
    each = [[0] * chips for _ in division.stages]
    energy = 0.0
    for chip in range(chips):
        cycles = [_of(rows, stage, chip) for stage in division.stages]
        for place, ps in enumerate(to_ps([one.cycles or 0 if one else 0 for one in cycles], clock)):
            each[place][chip] = ps
        energy += sum(one.energy_uj or 0.0 for one in cycles if one) * 1e6
    stages = tuple(
        Stage(tuple(ps), stage.exchange, stage.needed) for ps, stage in zip(each, division.stages, strict=True)
    )
    names, sorts = (tuple(getattr(one, key) for one in division.stages) for key in ("name", "about"))
    return ChipWork(names, sorts, stages, energy, static_power(rows, clock), (result,))


def checked_rows(result: ModelResult, config: Config) -> Sequence[LayerRow]:
    """The rows of a result. InputError where one of them did not run."""
    for row in result.rows:
        if row.reason is not None:
            refuse(result.workload, f"{row.layer} does not run on {config.name} ({row.reason})", "a chip that runs all")
    return result.rows


def _of(rows: Sequence[LayerRow], stage: LayerStage, chip: int) -> LayerRow | None:
    place = stage.layers[chip]
    return None if place == NO_LAYER else rows[place]


def to_ps(cycles: Sequence[int], clock_mhz: float) -> list[int]:
    """Picoseconds of consecutive runs of cycles: their sums from the beginning are rounded, so that errors do not add.

    >>> to_ps([1, 1, 1], 1830)
    [546, 547, 546]
    """
    found, whole, before = list[int](), 0, 0
    for one in cycles:
        whole += one
        now = round(whole * PS_PER_US / clock_mhz)
        found.append(now - before)
        before = now
    return found


def static_power(rows: Sequence[LayerRow], clock_mhz: float) -> float:
    """What a chip takes whether it computes or not, in pJ a ps."""
    cycles = sum(row.cycles or 0 for row in rows)
    lines = [line for row in rows if row.details for line in row.details["energy_lines"] if line["event"] == "static"]
    return sum(line["energy_pj"] for line in lines) / (cycles * PS_PER_US / clock_mhz) if cycles else 0.0
