"""What a run of the model adds up: events and reasons as arrays."""

from collections import Counter
from typing import NamedTuple

import numpy as np

from simulator.core.trace import TraceRecorder
from simulator.machines.cambricon.arch import BY_SELECTOR, BYTES, Arch, Counts, PortLetter, Reasons, SelectorLetter


class Ledger(NamedTuple):
    """Events of each selector, of each PE and of the memory port, and the letters of all units."""

    selectors: list[Counter[str]]
    pes: list[Counter[str]]
    port: Counter[str]
    timeline: TraceRecorder  # of each selector, then of the port


def open_ledger(arch: Arch) -> Ledger:
    """A ledger without an entry."""
    selectors, pes = ([Counter() for _ in range(many)] for many in (arch.selectors, arch.pes))  # type: ignore[var-annotated]
    return Ledger(selectors, pes, Counter(), TraceRecorder(arch.selectors + 1))


def record_cycle(arch: Arch, ledger: Ledger, selector: int, pes: range) -> None:
    """What a selector and the memories of its PEs do in a cycle."""
    events = ledger.selectors[selector]
    events["neuron_reads"] += 1
    events["selections"] += arch.skip_weights or arch.skip_activations
    events["index_reads"] += arch.skip_weights and arch.shared_selector
    for pe in pes:
        ledger.pes[pe]["weight_reads"] += 1
        ledger.pes[pe]["synapse_selections"] += arch.skip_activations
        ledger.pes[pe]["decodes"] += arch.weight_bits < arch.activation_bits


def counts_of(ledger: Ledger) -> Counts:
    """The events as arrays."""
    units = {name: [ledger.port] for name in (*BYTES, "port_chunks")} | dict.fromkeys(BY_SELECTOR, ledger.selectors)
    return Counts(*(np.array([one[name] for one in units.get(name, ledger.pes)], np.int64) for name in Counts._fields))


def reasons_of(ledger: Ledger) -> Reasons:
    """The cycles of each unit by its letters."""
    count, selectors = ledger.timeline.count, len(ledger.selectors)
    return Reasons(
        *(count(letter, range(selectors)) for letter in SelectorLetter),
        *(count(letter, range(selectors, selectors + 1)) for letter in PortLetter),
    )
