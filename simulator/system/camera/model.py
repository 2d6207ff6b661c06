"""The camera to be read: one SimPy process for the camera, one for each machine. A time unit is a picosecond.

What happens at the same time happens in this order: machines that are done hand on their frames, those of later stages
first and of a stage the older frame first; then the camera brings a frame; then idle machines take frames, those of
later stages first, one at a time. The priorities of the events say so.
"""

from bisect import insort
from collections.abc import Generator
from typing import Any

import numpy as np
import simpy
from simpy.events import EventPriority

from simulator.system.camera.camera import BLOCK, NEWEST, Camera, Stage, check_camera
from simulator.system.camera.camera_run import BLOCKED, DROPPED, IDLE, MISSED, NEVER, REASONS, SERVE, SERVED, CameraRun

Process = Generator[simpy.Event, Any, Any]
FIRST_RANK = 2
"""After SimPy's own events of an instant, which begin and continue processes."""


class At(simpy.Event):
    """Occurs after a delay; of the events of an instant, the lowest rank comes first."""

    def __init__(self, env: simpy.Environment, rank: int, delay: int = 0):
        super().__init__(env)
        self._ok, self._value = True, None
        env.schedule(self, priority=EventPriority(rank), delay=delay)


class Waiting:
    """The queue of a stage, its idle machines, and whoever waits for room in it."""

    def __init__(self, system: "System", number: int, stage: Stage):
        self.system, self.number, self.depth = system, number, stage.depth
        self.frames: list[int] = []
        self.idle: dict[int, simpy.Event] = {}  # machine -> what gives it a frame
        self.blocked: list[tuple[int, simpy.Event]] = []  # rank of who waits, and what lets it try again

    @property
    def room(self) -> int:
        """Frames that can still come: an idle machine takes one at once."""
        return self.depth + len(self.idle) - len(self.frames)

    def put(self, rank: int, frame: int) -> Process:
        """Bring a frame, by the policy; with `block`, wait until there is room."""
        while self.system.camera.policy == BLOCK and self.room <= 0:
            again = self.system.env.event()
            self.blocked.append((rank, again))
            yield again
        if self.system.camera.policy == NEWEST:
            insort(self.frames, frame)
            if self.room < 0:
                self.system.fate[self.frames.pop(0)] = DROPPED
        elif self.room > 0:
            self.frames.append(frame)
        else:
            self.system.fate[frame] = DROPPED
        self.system.env.process(self.give())

    def take(self, machine: int) -> simpy.Event:
        """An event whose value is the frame that an idle machine gets."""
        self.idle[machine] = self.system.env.event()
        for rank, again in self.blocked:
            self.system.env.process(self._let_try(rank, again))
        self.blocked.clear()
        self.system.env.process(self.give())
        return self.idle[machine]

    def _let_try(self, rank: int, again: simpy.Event) -> Process:
        """In the turn of who waits, let it try again."""
        yield At(self.system.env, rank)
        again.succeed()

    def give(self) -> Process:
        """When all else of the instant is done, give one frame to one idle machine; then perhaps another."""
        yield At(self.system.env, self.system.rank_of_taking(self.number))
        if self.frames and self.idle:
            frame = self.frames.pop(-1 if self.system.camera.policy == NEWEST else 0)
            self.idle.pop(min(self.idle)).succeed(frame)
            self.system.env.process(self.give())


class Machine:
    """Serves one frame after another, and records why its time passes."""

    def __init__(self, system: "System", stage: int, place: int, number: int):
        self.system, self.stage, self.place, self.number = system, stage, place, number
        self._since = 0

    def run(self) -> Process:
        """Take a frame, work, hand it on."""
        system, service = self.system, self.system.camera.stages[self.stage].service_ps[self.place]
        queue = system.queues[self.stage]
        while True:
            frame = yield queue.take(self.place)
            self.record(IDLE)
            system.begin[self.stage, frame], system.machine[self.stage, frame] = system.env.now, self.number
            rank = system.rank_of_end(self.stage, frame)
            yield At(system.env, rank, int(service[frame]))
            self.record(SERVE)
            if self.stage + 1 < len(system.queues):
                yield from system.queues[self.stage + 1].put(rank, frame)
            else:
                system.fate[frame], system.result[frame] = SERVED, system.env.now
            self.record(BLOCKED)

    def record(self, reason: int) -> None:
        """The time since the last record passed for a reason."""
        self.system.spent[self.number, reason] += int(self.system.env.now) - self._since
        self._since = int(self.system.env.now)


class System:
    """A camera, queues and machines."""

    def __init__(self, camera: Camera):
        self.camera, self.env = camera, simpy.Environment()
        shape = len(camera.stages), camera.frames
        self.fate = np.full(camera.frames, MISSED, np.int8)
        self.result = np.full(camera.frames, NEVER, np.int64)
        self.begin, self.machine = np.full(shape, NEVER, np.int64), np.full(shape, NEVER, np.int64)
        self.spent = np.zeros((camera.machines, len(REASONS)), np.int64)
        self.queues = [Waiting(self, number, stage) for number, stage in enumerate(camera.stages)]
        places = [(stage, place) for stage, one in enumerate(camera.stages) for place in range(len(one.service_ps))]
        self.machines = [Machine(self, stage, place, number) for number, (stage, place) in enumerate(places)]

    def rank_of_end(self, stage: int, frame: int) -> int:
        """Of a machine that is done: later stages first, then older frames."""
        return FIRST_RANK + (len(self.queues) - 1 - stage) * self.camera.frames + frame

    @property
    def rank_of_camera(self) -> int:
        """After all machines."""
        return FIRST_RANK + len(self.queues) * self.camera.frames

    def rank_of_taking(self, stage: int) -> int:
        """After the camera: later stages first."""
        return self.rank_of_camera + len(self.queues) - stage

    def expose(self) -> Process:
        """Bring frame after frame to the first queue; those due while one is held are missed."""
        due = self.camera.capture_ps + self.camera.sensor_ps
        for frame, moment in enumerate(due.tolist()):
            if moment >= self.env.now:
                yield At(self.env, self.rank_of_camera, moment - int(self.env.now))
                yield from self.queues[0].put(self.rank_of_camera, frame)

    def run(self) -> None:
        """Until nothing happens any more."""
        for machine in self.machines:
            self.env.process(machine.run())
        self.env.process(self.expose())
        self.env.run()
        for machine in self.machines:
            machine.record(IDLE)


def run_model(camera: Camera) -> CameraRun:
    """Run a camera. InputError where it cannot be, see `check_camera`."""
    check_camera(camera)
    system = System(camera)
    system.run()
    return CameraRun(int(system.env.now), system.fate, system.result, system.begin, system.machine, system.spent)
