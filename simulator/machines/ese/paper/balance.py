"""The speed-up by load-balance-aware pruning, and by plain pruning, for several numbers of PEs (ESE, section 3.2)."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from simulator.config.load import Config, load_arch
from simulator.core.published import read_published
from simulator.machines.ese import MACHINE
from simulator.run.simulate import simulate
from workloads.document_types import Document
from workloads.model import load_workload

CONFIG, LAYER = "ese_32x32", "google-lstm"
DENSITY = 0.1
PES = (4, 8, 16, 32, 64, 128)
CURVE_DRAWS = 3


class BalancePoint(NamedTuple):
    """A time step of the layer with one number of PEs in each channel."""

    pes: int
    dense_cycles: int
    balanced_cycles: int
    plain_cycles: int
    balanced_load: float  # share of the products' cycles in which a PE issues an entry
    plain_load: float

    @property
    def balanced_speedup(self) -> float:
        """Speed-up over dense with balanced pruning."""
        return self.dense_cycles / self.balanced_cycles

    @property
    def plain_speedup(self) -> float:
        """Speed-up over dense with plain pruning."""
        return self.dense_cycles / self.plain_cycles


class CurvePoint(NamedTuple):
    """Speed-ups over dense at a share of pruned weights; a published one is None where it is not known."""

    pruned_percent: int
    balanced: float
    plain: float
    published_balanced: float | None
    published_plain: float | None


def points(density: float, seed: int, pes: Sequence[int] = PES) -> Iterator[BalancePoint]:
    """Prune to a density with and without balance, for each number of PEs."""
    for count in pes:
        yield point(density, seed, count)


@lru_cache(maxsize=64)
def point(density: float, seed: int, pes: int) -> BalancePoint:
    """Simulate one number of PEs; all else is the paper's machine, with memory at its peak bandwidth."""
    dense, _ = _run(pes, 1.0, True, seed)
    balanced, balanced_load = _run(pes, density, True, seed)
    plain, plain_load = _run(pes, density, False, seed)
    return BalancePoint(pes, dense, balanced, plain, balanced_load, plain_load)


def speedup(balanced: bool, density: float, seed: int) -> float:
    """Of a pruned time step over the dense one, on the paper's machine with memory at its peak bandwidth."""
    pes = _config().arch.pes
    return _run(pes, 1.0, True, seed)[0] / _run(pes, density, balanced, seed)[0]


def curve(seeds: Sequence[int], say: Callable[[str], object]) -> Iterator[CurvePoint]:
    """The speed-ups at each published share of pruned weights, means over seeds (Han and Dally, DAC 2018, Fig 4)."""
    table = next(one for one in read_published("simulator.machines.ese.paper")["tables"] if "over" in one)
    ((_, points),) = table["over"].items()
    for place, percent in enumerate(points):
        means = [sum(speedup(kind, 1 - percent / 100, seed) for seed in seeds) / len(seeds) for kind in (True, False)]
        yield CurvePoint(percent, *means, *(table["rows"][name][place] for name in ("balanced", "plain")))
        say(f"{percent} % pruned")


def study(seed: int, say: Callable[[str], object]) -> Document:
    """All numbers of PEs at 90 % sparsity, and the paper's 32 at all sparsities, as tables and as points."""
    found = []
    for one in points(DENSITY, seed):
        found.append(one)
        say(f"{one.pes} PEs")
    records = [
        {**one._asdict(), "balanced_speedup": one.balanced_speedup, "plain_speedup": one.plain_speedup} for one in found
    ]
    along = list(curve(range(seed, seed + CURVE_DRAWS), say))
    content = to_dict(found, DENSITY)
    return {
        **content,
        "tables": [*content["tables"], curve_table(along)],
        "points": records,
        "curve": [one._asdict() for one in along],
    }


def to_dict(found: Sequence[BalancePoint], density: float) -> Document:
    """The points as a study with one table, as JSON can hold it."""
    lines = []
    for one in found:
        cycles = [f"{n:,}" for n in (one.dense_cycles, one.plain_cycles, one.balanced_cycles)]
        speedups = [f"{x:.2f}" for x in (one.plain_speedup, one.balanced_speedup)]
        loads = [f"{100 * x:.1f}" for x in (one.plain_load, one.balanced_load)]
        lines.append([str(one.pes), *cycles, *speedups, *loads])
    columns = ["PEs", "dense cycles", "plain", "balanced", "speed-up plain", "balanced", "PEs busy % plain", "balanced"]
    title = f"{LAYER} at density {density:g}, a time step, by PEs of a channel (paper, 32 PEs: about 5.5 and 6.2)"
    return {"study": "Load-balance-aware pruning", "tables": [{"title": title, "columns": columns, "rows": lines}]}


def curve_table(found: Sequence[CurvePoint]) -> Document:
    """The curve as a table, as JSON can hold it."""
    lines = [[f"{one.pruned_percent}", *("-" if x is None else f"{x:.2f}" for x in one[1:])] for one in found]
    columns = ["pruned %", "speed-up balanced", "plain", "published balanced", "plain published"]
    title = f"{LAYER} on 32 PEs by share of pruned weights, means of {CURVE_DRAWS} draws (published: DAC 2018, Fig 4)"
    return {"title": title, "columns": columns, "rows": lines}


@cache
def _config(pes: int | None = None) -> Config:
    """The paper's machine with memory at its peak bandwidth."""
    return load_arch(CONFIG, dram="none", **({} if pes is None else {"pes": pes}))


@lru_cache(maxsize=1024)
def _run(pes: int, density: float, balanced: bool, seed: int) -> tuple[int, float]:
    """Cycles of a time step, and the share of cycles in which PEs issue an entry while there is a product."""
    config = _config(pes)
    wanted = MACHINE.formats(config.arch)["LSTM"]._replace(balanced=balanced, voices=1)
    workload = load_workload(LAYER, seed=seed, density=density, formats={"LSTM": wanted})
    run = simulate(config, workload, output=False).run
    busy = run.reasons.busy[: config.arch.pes].sum()
    return run.cycles, float(busy / (config.arch.pes * run.cycles - run.reasons.no_product[: config.arch.pes].sum()))
