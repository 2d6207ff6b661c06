"""What the units of the model share: clock, records of events and cycles, the tensor's numbers, candidates, message."""

from collections import Counter

import numpy as np
import simpy

from simulator.core.trace import TraceRecorder
from simulator.hardware.clock import Fifo
from simulator.machines.selection.arch import LETTERS, Arch
from simulator.machines.selection.layout import Streams


class State:
    """Of a run."""

    def __init__(self, env: simpy.Environment, arch: Arch, streams: Streams):
        self.env, self.arch, self.layer = env, arch, streams.layer
        self.events = Counter[str]()
        self.timeline = TraceRecorder(len(LETTERS))
        self.velocity = [np.float32(value) for value in self.layer.velocity]
        self.residual = [np.float32(value) for value in self.layer.residual]
        self.greatest: list[np.float32] = []  # samples in the queue, ascending
        self.candidates: list[int] = []  # places of elements that passed
        self.words: list[int] = []  # of the message, 16 bits each
        self.queues: list[Fifo] = []  # of the pass that runs, for messages

    def fill(self, unit: int, letter: str) -> None:
        """A unit did this until now."""
        self.timeline.fill(unit, letter, self.env.now)

    def all_idle(self) -> None:
        """No unit did anything else since its last record."""
        for unit, letters in enumerate(LETTERS):
            self.fill(unit, letters("."))

    def magnitude(self, place: int) -> np.float32:
        """Of an accumulated element."""
        return np.float32(abs(self.residual[place]))
