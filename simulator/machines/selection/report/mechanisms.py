"""Why a run takes longer than one pass that adds and one that compares, in all lanes."""

from simulator.core.mechanisms import COUNTED, SIMULATED, Case, Mechanism
from simulator.machines.selection.engine.run import run

WIDE = 1 << 40
"""Bytes a cycle, slots: more than any tensor asks for."""


def _memory(case: Case) -> Case:
    """All beats come in a cycle, and zeros take one."""
    return _again(case, dram_bytes_per_cycle=WIDE, beat_slots=WIDE)


def _samples(case: Case) -> Case:
    """No beat waits for samples of its own or of others."""
    again = _again(case, sample_slots=WIDE, insert_cycles=1)
    reasons = run(again.arch, again.passes[0], 0, output=False).reasons
    return again._replace(cycles=_stream(again) + _encoder(reasons), shared={"encoder": _encoder(reasons)})


def _encoder(reasons: object) -> int:
    names = "rank", "find_bin", "left_out", "cut", "emit"
    return sum(int(getattr(reasons, name).sum()) for name in names)


def _stream(case: Case) -> int:
    """A cycle for each beat of each pass, and for each candidate of a beat beyond the first."""
    (streams,) = case.passes
    return int(run(case.arch, streams, 0, output=False).reasons.compare.sum()) + _beats(case)


def _beats(case: Case) -> int:
    return -(-case.passes[0].layer.elements // case.arch.lanes)


def _encoding(case: Case) -> Case:
    return case._replace(cycles=_stream(case))


def _candidates(case: Case) -> Case:
    return case._replace(cycles=(1 + _thresholds(case)) * _beats(case))


def _thresholds(case: Case) -> int:
    return int(case.counts.comparisons.sum()) // case.passes[0].layer.elements


def _passes(case: Case) -> Case:
    return case._replace(cycles=2 * _beats(case))


def _again(case: Case, **numbers: int) -> Case:
    """The case with other numbers of the architecture."""
    arch = case.arch._replace(**numbers)
    cycles = sum(run(arch, streams, 0, output=False).cycles for streams in case.passes)
    return case._replace(arch=arch, cycles=cycles)


MECHANISMS = (
    Mechanism("memory", "beats wait for the DRAM, and pairs for their zeros", "a beat and a pair a cycle", SIMULATED,
              _memory, True),
    Mechanism("samples", "beats wait for the queue of samples; the pipeline fills and drains", "no wait", SIMULATED,
              _samples),
    Mechanism("encoder", "candidates are ranked, left out and sent after the last pass", "in no time", COUNTED,
              _encoding),
    Mechanism("candidates", "several elements of a beat pass, and are stored one a cycle", "in one cycle", COUNTED,
              _candidates),
    Mechanism("thresholds", "too few passed, and the tensor is compared again", "one pass", COUNTED, _passes),
)  # fmt: skip
"""In the order in which they are made ideal."""
