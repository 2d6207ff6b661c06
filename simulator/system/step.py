"""A step of a workload on a system, for one or more numbers of chips: what `zeroskip system SYSTEM WORKLOAD` runs."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simulator.config.load import Config
from simulator.results.system_result import SystemLayer, SystemResult, SystemRow, speedups
from simulator.run.executor import Execution
from simulator.system.advance import check_steps, run_stages
from simulator.system.chip_work import ChipWork, run_chips
from simulator.system.collectives import COLLECTIVES, collectives_named
from simulator.system.exchanges import FASTEST, Alone, choose
from simulator.system.network import Network
from simulator.system.stages import whole_schedule
from simulator.system.system_file import System
from simulator.system.system_run import COMPUTE, IDLE, RECEIVE_WAIT, SEND, SystemRun, link_pj
from simulator.system.training import DENSE, SPARSE, times_of_file, times_on_chip, training_work
from workloads.division import TENSOR
from workloads.errors import refuse
from workloads.training.networks import TrainedNetwork
from workloads.workload import Model

PS_PER_US = 1e6
BATCH = 32
"""Samples of a chip in a step of training, where nothing else is asked for."""


class StepOptions(NamedTuple):
    """How a step is run."""

    chips: tuple[int, ...] = ()  # empty: one, and all of the system
    overlap: bool = False
    split: str = TENSOR
    collective: str = FASTEST
    engine: str = "numba"
    share: float = 0.001  # of a tensor's gradient that is sent, of training


class StepRun(NamedTuple):
    """A step on a number of chips, as traces show it."""

    network: Network
    work: ChipWork
    options: StepOptions
    run: SystemRun


def networks(system: System, options: StepOptions) -> list[Network]:
    """The system's network with each number of chips, ascending. InputError where it cannot have that number."""
    return [_with_chips(system, chips) for chips in sorted(set(options.chips or (1, system.network.chips)))]


def _with_chips(system: System, chips: int) -> Network:
    whole = system.network
    if not 1 <= chips <= whole.chips:
        refuse(system.name, f"--chips has {chips}", f"1 to {whole.chips}, the chips of the system")
    if chips == whole.chips or not whole.parents:
        return whole._replace(chips=chips)
    if chips > 1:
        refuse(system.name, f"--chips has {chips} of a tree", f"1 or {whole.chips}")
    return whole._replace(topology="switch", chips=1, parents=())


def run_decode(
    system: System, config: Config, model: Model, options: StepOptions, how: Execution
) -> tuple[SystemResult, StepRun]:
    """A step of a model that divides. InputError where it does not, or where the machine does not run its layers."""
    if model.divide is None:
        refuse(model.name, "it does not divide over chips", "a language model with all its layers, or --train-step")
    rows, notes, matches = list[SystemRow](), list[str](), True
    asked = networks(system, options)
    divisions = [model.divide(network.chips, options.split) for network in asked]
    for network, division in zip(asked, divisions, strict=True):
        work = run_chips(config, division, how)
        run = _run(network, work, options, options.engine)
        given = model.tokens / (run.time_ps / 1e12) if model.tokens and run.time_ps else None
        rows.append(_row(system, network, work, run, options, options.split)._replace(tokens_per_s=given))
        notes += [*division.notes, *work.results[0].source_notes]
        matches = matches and work.results[0].output_matches_reference
    last = StepRun(network, work, options, run)
    lead = [*work.results[0].lead, *_notes(rows[-1], work, options.collective)]
    step = model.options.step or "decode"
    result = SystemResult(
        system.name, model.name, step, config.name, speedups(rows, False), _layers(last),
        tuple(dict.fromkeys([*lead, *notes])), system.sources, matches,
    )  # fmt: skip
    return result, last


def run_training(
    system: System, config: Config | None, network: TrainedNetwork, batch: int, options: StepOptions, how: Execution
) -> tuple[SystemResult, StepRun]:
    """A step of training, with dense and with sparse gradients.

    config: the chip's machine, where the system's file has no time of a step. InputError as in `times_on_chip`.
    """
    asked = networks(system, options)
    cost, notes = None, [f"each chip has all weights and {batch:,} samples of its own"]
    if config is None:
        assert system.train_step_ps is not None
        times = times_of_file(network, system.train_step_ps)
        notes = [f"a step computes for {system.train_step_ps / 1e9:g} ms: {system.sources['train_step_ms']}"]
        notes.append("that time is shared among layers by their multiplications; a third of it is the forward pass")
    else:
        times, cost = times_on_chip(network, config, batch, how)
        notes.append(f"backward takes twice as long as forward, which is run on {config.name} as matrix products")
    rows = list[SystemRow]()
    for one in asked:
        for exchange in (DENSE, SPARSE)[: 1 if one.chips == 1 else 2]:
            work = training_work(network, times, one.chips, exchange, options.share)
            if cost is not None:
                energy = (cost.chips_pj or 0.0) * one.chips
                work = work._replace(chips_pj=energy, static_pj_per_ps=cost.static_pj_per_ps)
            run = _run(one, work, options, options.engine)
            rows.append(_row(system, one, work, run, options, exchange))
    last = StepRun(one, work, options, run)
    found = (
        *_training_notes(options),
        *notes,
        f"tensors: {network.source}",
        *_notes(rows[-1], work, options.collective),
    )
    result = SystemResult(
        system.name, network.name, "training", "" if config is None else config.name, speedups(rows, True),
        _layers(last), found, system.sources,
        cost is None or cost.results[0].output_matches_reference,
    )  # fmt: skip
    return result, last


def _training_notes(options: StepOptions) -> Iterator[str]:
    yield "dense: every tensor is added over all chips in FP32"
    yield (
        f"sparse: each chip sends a share of {options.share:.4g} of each weight tensor's gradient, 6 bytes a value; "
        "tensors of one dimension are dense. Choosing values and adding those that were received take no time here"
    )


def _notes(row: SystemRow, work: ChipWork, wanted: str) -> Iterator[str]:
    kinds = {stage.exchange.kind for stage in work.stages if stage.exchange is not None}
    could = [] if wanted == FASTEST else [COLLECTIVES[name].kind for name in collectives_named(wanted)]
    if could and not kinds.intersection(could):
        yield f"the collective {wanted} does nothing here: no exchange of this step is an {' or an '.join(could)}"
    if row.overlap:
        yield "with overlap, a unit of its own sends, receives and adds; links wait for nothing else"
    if row.chips > 1:
        yield "speed-up: over one chip"


def _run(network: Network, work: ChipWork, options: StepOptions, engine: str) -> SystemRun:
    """The run of a step, by the compiled engine or by the model."""
    if engine == "simpy":
        from simulator.system.model import run_model

        check_steps(work.stages, network, options.collective)
        return run_model(whole_schedule(work.stages, network, options.overlap, options.collective), network)
    return run_stages(work.stages, network, options.overlap, options.collective, intervals=False)


def _row(
    system: System, network: Network, work: ChipWork, run: SystemRun, options: StepOptions, exchange: str
) -> SystemRow:
    chips = network.chips
    spent = run.spent_ps[:chips].mean(axis=0) / PS_PER_US
    computed = sum(sum(stage.ps) for stage in work.stages) / chips / PS_PER_US
    other = run.spent_ps[chips:]
    busy = float(other[:, [COMPUTE, SEND]].sum(axis=1).mean()) / PS_PER_US if len(other) else 0.0
    waiting = work.static_pj_per_ps * (chips * run.time_ps - chips * computed * PS_PER_US)
    return SystemRow(
        chips=chips,
        exchange=exchange,
        overlap=options.overlap,
        time_us=run.time_ps / PS_PER_US,
        speedup=None,
        compute_us=computed,
        add_us=max(0.0, float(spent[COMPUTE]) - computed),
        send_us=float(spent[SEND]),
        wait_us=float(spent[RECEIVE_WAIT]),
        idle_us=float(spent[IDLE]),
        exchange_us=busy,
        chips_uj=None if work.chips_pj is None else (work.chips_pj + waiting) / 1e6,
        links_uj=link_pj(run, system.network.link.pj_per_bit) / 1e6,
        link_bytes=int(run.channel_bytes.sum()),
        link_wait_us=sum(run.channel_wait_ps.tolist()) / PS_PER_US,
        tokens_per_s=None,
    )


def _layers(last: StepRun) -> tuple[SystemLayer, ...]:
    """A row for each sort of layers with one collective after them."""
    found: dict[tuple[str, str], SystemLayer] = {}
    for sort, stage in zip(last.work.sorts, last.work.stages, strict=True):
        alone = None if stage.exchange is None else choose(stage.exchange, last.network, last.options.collective)
        key = sort, "" if alone is None else alone.name
        row = found.get(key, SystemLayer(sort, 0, 0.0, 0.0, key[1], 0, 0.0))
        found[key] = _add(row, stage.ps, alone)
    return tuple(found.values())


def _add(row: SystemLayer, ps: Sequence[int], alone: Alone | None) -> SystemLayer:
    return row._replace(
        layers=row.layers + 1,
        compute_us=row.compute_us + sum(ps) / len(ps) / PS_PER_US,
        most_us=row.most_us + max(ps) / PS_PER_US,
        bytes=row.bytes if alone is None else max(row.bytes, alone.size),
        exchange_us=row.exchange_us + (0 if alone is None else alone.run.time_ps / PS_PER_US),
    )
