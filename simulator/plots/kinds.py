"""The kinds of pictures by name: what each shows, what it needs, which command prints that."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from simulator.plots import (
    activity,
    attention,
    breakdowns,
    camera,
    design_space,
    frame_rates,
    front,
    gantt,
    language,
    papers,
    roofs,
    savings,
    search,
    stacks,
    stored,
    studies,
    sweeps,
    system,
)
from simulator.results import (
    camera_frames,
    context_frames,
    frames,
    search_frames,
    system_frames,
    system_result,
    why_frames,
)
from simulator.results.files import StoredFile, read_file
from simulator.results.fit import FITS
from workloads.errors import InputError
from workloads.yaml_files import shorten

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


class PictureKind(NamedTuple):
    """A picture."""

    name: str
    about: str
    draw: Callable[[pd.DataFrame, str], Axes | list[Axes]]
    frame: Callable[[Sequence[StoredFile]], tuple[pd.DataFrame, str]]
    needs: tuple[str, ...]  # columns; with `*`, at least one such; with `|`, one of both
    command: str  # what prints them
    several: bool = True  # whether it takes several files
    lacking: Callable[[pd.DataFrame], str] = lambda _: ""  # why rows that have all columns are not enough


RUNS = "`run --json`, `compare --json`, a CSV of results or a store of `sweep`"
SINGLE = "`run --json`, `compare --json`, a CSV of results or a store of single layers"
"""What is expected in place of RUNS where a store of networks lacks what layers have."""
SIZES = "a store of `sweep`, its CSV or several files of `run --json`, with another size of the machine each"
VALIDATION = "`validate MACHINE --csv`"
SEARCH = "`explore --json`"
TRACE = "`trace ... -o FILE.json`"
WHY = "`why ... --json`"
CONTEXTS = "`compare MODEL,MODEL --context 1024:32768:6 --json`"
PEAKS = tuple(f"roofline.{key}" for key in ("operations", "bytes", "operations_per_cycle", "bytes_per_cycle", "memory"))
WHO = ("config", "workload")
ENERGY = "energy_uj|energy_pj.total"
KINDS = {
    kind.name: kind
    for kind in (
        PictureKind("energy", "energy by component, a bar for each machine and layer", breakdowns.energy,
             frames.results, (*WHO, "energy_pj.*", "energy_pj.total"), RUNS),
        PictureKind("latency", "time of a mean PE by reason", breakdowns.latency, frames.results,
             (*WHO, "time_us", "reason_units.PE", "cycles_by_reason.*"), RUNS),
        PictureKind("speedup", "speed-up by number of PEs", sweeps.speedup, frames.results,
             (*WHO, "units.pe", "time_us"), SIZES, lacking=sweeps.without_sizes),
        PictureKind("queue-depth", "load balance by queue depth", sweeps.queue_depth, frames.results,
             (*WHO, "arch.queue_depth", "load_balance"), RUNS),
        PictureKind("padding", "padding by number of PEs", sweeps.padding, frames.results,
             (*WHO, "units.pe", "entries", "padding_entries"), RUNS),
        PictureKind("density", "time and energy by density", sweeps.density, frames.results,
             (*WHO, "|".join(sweeps.DENSITIES), "time_us", ENERGY), RUNS),
        PictureKind("utilisation", "which PE works when, a heat map", activity.utilisation, frames.pe_spans,
             ("unit", "cycle", "cycles", "working"), TRACE, several=False),
        PictureKind("queues", "how full the queues are over time", activity.occupancy, frames.queue_fills,
             ("queue", "cycle", "held", "slots", "last"), f"{TRACE} of a machine with queues", several=False),
        PictureKind("roofline", "each machine's roofline with its layers", roofs.roofline, frames.results,
             (*WHO, "cycles", "time_us", *PEAKS), RUNS),
        PictureKind("pareto", "time against energy, and what nothing beats", front.pareto, frames.results,
             (*WHO, "time_us", ENERGY), RUNS),
        PictureKind("design-space", "a network on several machines: layers and their sum", design_space.design_space,
             frames.results, (*WHO, "time_us", ENERGY), RUNS),
        PictureKind("exploration", "a search: hypervolume over trials, and the front", search.exploration,
             search_frames.trials, ("trial", "hypervolume", "front", "takes_part", "objective.*"), SEARCH,
             several=False, lacking=search.without_points),
        PictureKind("waterfall", "what each step of a design saves", savings.waterfall, frames.steps,
             ("step", "energy_uj", "factor"), "`ablate --json`", several=False),
        PictureKind("stacks", "where the cycles of layers and machines come from, a bar each", stacks.stacks,
             why_frames.stacks, ("layer", "part", "cycles"), WHY),
        PictureKind("slack", "cycles of the critical path and slack, by PE", stacks.slack, why_frames.slack,
             ("pe", "slack", "path_cycles"), WHY, several=False),
        PictureKind("slack-map", "slack of the PEs over time, a heat map", stacks.slack_map, why_frames.slack_map,
             ("cycle", "pe", "slack", "cycles", "pes"), WHY, several=False),
        PictureKind("changes", "what one step in each number saves", stacks.changes, why_frames.changes,
             ("change", "saved_percent"), "`why ... --json` without --no-what-if", several=False),
        PictureKind("weights", "centroids and the weights that share them", stored.weights, frames.levels,
             ("layer", "what", "value", "count", "width"), "`inspect --json`, and if wanted layers as .npz files"),
        PictureKind("storage", "bits after each stage of compression", stored.storage, frames.stages,
             ("layer", *stored.STAGES), "`compress --json`", several=False),
        PictureKind("schedule", "a time step of ESE, a Gantt picture", gantt.schedule, frames.schedule,
             ("slot", "cycles", *gantt.GANTT_PARTS, *(f"{part} cycles" for part in gantt.GANTT_PARTS)),
             "`run ese LAYER --json`", several=False),
        PictureKind("balance", "what load-balance-aware pruning is worth", studies.balance, frames.study_points,
             ("pes", *studies.PRUNINGS), "`study balance --json`"),
        PictureKind("granularity", "what pruning in groups is worth", studies.granularity, frames.study_points,
             ("network", "densities", "granularity", *(column for column, _ in studies.MEASURES)),
             "`study granularity --json`"),
        PictureKind("noise", "entropy of predictions against noise", studies.noise, frames.study_points,
             ("weights", "sigma", "entropy", "spread"), "`study aqn --json`"),
        PictureKind("delay", "delay of detectors against the frame rate", frame_rates.delay, frames.study_points,
             ("machine", "detector", "fps", "delay_ms"), "`study catdet --json`"),
        PictureKind("camera", "delay of a detector behind a camera, by what it consists of", camera.delays,
             camera_frames.delays, (*camera.VARYING, *camera_frames.PARTS), "`camera ... --json`"),
        PictureKind("contexts", "tokens a second of language models over contexts", language.contexts,
             context_frames.contexts, ("workload", "machine", "context", "tokens_per_s"), CONTEXTS),
        PictureKind("bytes", "bytes of DRAM of a language model's step, by what they are", language.parts,
             context_frames.parts, ("workload", "machine", "bytes_by_part.*"),
             f"`run MACHINE MODEL --json` of a language model, or {CONTEXTS}"),
        PictureKind("system", "a step on several chips: where a chip's time goes, by number of chips", system.parts,
             system_frames.points, ("chips", "exchange", "overlap", *system_result.PARTS), "`system ... --json`"),
        PictureKind("system-gantt", "a step on several chips: what each unit does when", system.gantt,
             system_frames.spans, ("unit", "name", "reason", "begin_us", "us"), "`system ... --trace FILE.json`",
             several=False),
        PictureKind("skipping", "what skipped blocks of attention save", attention.skipping, frames.study_points,
             ("case", "line", "share", "speedup", "published"), "`study blasst --json`"),
        PictureKind("calibration", "which factor of lambda skips which share of blocks", attention.calibration,
             frames.study_points, ("tile", "keys", "factor", "share", "a", "b"), "`calibrate WORKLOAD --json`"),
        PictureKind("published", "a paper's curves: published points, simulated lines", papers.published,
             frames.validations, ("table", "row", "quantity", "published", "simulated"), VALIDATION),
        PictureKind("errors", "how far simulated figures are from published ones, by table", papers.errors,
             frames.validations, ("table", "quantity", "error_percent", "mark"), VALIDATION),
    )
}  # fmt: skip
"""All of them."""
ODD = (KeyError, TypeError, ValueError, AttributeError, IndexError, NotImplementedError, ArithmeticError)
"""What reading and drawing raise where a file holds other values than a command writes."""
OPTIONAL = ("factor", "published", "a", "b", "slack")
"""Columns that may be empty in a row."""


def find(name: str) -> PictureKind:
    """The kind called `name`. InputError where there is none."""
    if name not in KINDS:
        near = difflib.get_close_matches(name, KINDS, n=1, cutoff=0.7)
        guess = f" ({near[0]} is near)" if near else ""
        if name == "":
            raise InputError(f"no kind of picture is given; expected one of {', '.join(KINDS)}")
        raise InputError(f"kind is {shorten(repr(name), 60)}; expected one of {', '.join(KINDS)}{guess}")
    return KINDS[name]


def draw(files: Sequence[Path], name: str, fits: bool = False) -> Axes | list[Axes]:
    """Draw a kind of picture of what the files hold; see `draw_files`, also for InputError."""
    _check_number(find(name), len(files))
    return draw_files([read_file(path) for path in files], name, fits)


def draw_files(files: Sequence[StoredFile], name: str, fits: bool = False) -> Axes | list[Axes]:
    """Draw a kind of picture of contents that are read already. fits: only of results that fit their machine.

    InputError where there is no such kind, where it cannot be drawn of several files, or where the files do not hold
    what it shows.
    """
    import numpy as np

    kind = find(name)
    _check_number(kind, len(files))
    where = ", ".join(str(file.path) for file in files)
    try:
        frame, title = kind.frame(files)
    except ODD as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{where}: it is not as a command writes it ({error!r}); expected {kind.command}") from None
    frame = _check(kind, _fitting(frame, f"{where}: {name}") if fits else frame, where)
    try:
        with np.errstate(all="ignore"):  # numbers of a file may be as small and as large as they like
            lacking = kind.lacking(frame)
            drawn = None if lacking else kind.draw(frame, title)
    except ODD as error:
        raise InputError(f"{where}: {name} cannot be drawn of its values ({error}); expected {kind.command}") from None
    if drawn is None:
        raise InputError(f"{where}: {name} cannot be drawn: {lacking}; expected {kind.command}")
    return drawn


def _check_number(kind: PictureKind, number: int) -> None:
    if number > 1 and not kind.several:
        raise InputError(f"{kind.name}: {number} files are given; expected one")


def _fitting(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """The rows that fit their machine. InputError where there is none, or where rows are no results."""
    if FITS not in frame:
        raise InputError(f"{where}: --fits is given; expected it with results, which fit a machine or do not")
    kept = frame[frame[FITS]]
    if kept.empty:
        raise InputError(f"{where}: none of its {len(frame):,} results fits its machine; expected some that do")
    return kept


def _check(kind: PictureKind, frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """Refuse a frame without the columns that the kind needs, or without rows; leave out rows that lack a value."""
    missing = [need for need in kind.needs if not _columns(frame, need)]
    if missing:
        lacks = ", ".join(need.replace("|", " or ") for need in missing)
        raise InputError(f"{where}: {kind.name} needs {lacks}, which it lacks; expected {_expected(kind, frame)}")
    single = [need for need in kind.needs if "*" not in need and "|" not in need]
    complete = frame.dropna(subset=[column for column in single if column not in OPTIONAL])
    if complete.empty:
        raise InputError(
            f"{where}: {kind.name} needs {', '.join(kind.needs)}, and no row has all; expected {_expected(kind, frame)}"
        )
    return complete.reset_index(drop=True)


def _expected(kind: PictureKind, frame: pd.DataFrame) -> str:
    """What prints the rows of a kind; for a store of networks, whose points count their layers, that of its layers."""
    return SINGLE if kind.command == RUNS and "layers_run" in frame else kind.command


def _columns(frame: pd.DataFrame, need: str) -> list[str]:
    return [column for column in frame.columns if any(fnmatch(str(column), one) for one in need.split("|"))]
