"""The camera to be run: compiled, equal to the model in every picosecond and fate.

At each instant one thing happens at a time until nothing can: a machine that is done hands on its frame, or else the
camera brings one, or else an idle machine takes one; each in the order that the model's priorities have.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.system.camera.camera import BLOCK, NEWEST, POLICIES, Camera, check_camera
from simulator.system.camera.camera_run import BLOCKED, DROPPED, IDLE, MISSED, NEVER, REASONS, SERVE, SERVED, CameraRun

NEWEST_FIRST, BLOCKING = POLICIES.index(NEWEST), POLICIES.index(BLOCK)
FAR = np.iinfo(np.int64).max


class Layout(NamedTuple):
    """What is constant; int64 arrays."""

    due: np.ndarray  # [frames]: when each can enter the first queue
    first: np.ndarray  # [stages + 1]: number of each stage's first machine, then of all machines
    depth: np.ndarray  # [stages]
    service: np.ndarray  # [machines, frames]


class State(NamedTuple):
    """What changes; int64 arrays, and int8 fates."""

    serves: np.ndarray  # [machines]: the frame that each has, or NEVER
    done: np.ndarray  # [machines]: when it is done with it
    idle: np.ndarray  # [stages]: how many machines are
    queue: np.ndarray  # [stages, frames]: from head to tail, those that wait
    head: np.ndarray  # [stages]
    tail: np.ndarray  # [stages]
    next: np.ndarray  # [1]: the frame that the camera brings next
    fate: np.ndarray  # int8 [frames]
    result: np.ndarray  # [frames]
    begin: np.ndarray  # [stages, frames]
    machine: np.ndarray  # [stages, frames]
    spent: np.ndarray  # [machines, reasons]


@njit(cache=True)
def _room(layout: Layout, state: State, stage: int) -> int:
    """Frames that the queue of a stage, a scalar, can still get: a scalar."""
    return layout.depth[stage] + state.idle[stage] - (state.tail[stage] - state.head[stage])


@njit(cache=True)
def _put(layout: Layout, state: State, policy: int, stage: int, frame: int) -> None:
    """Bring a frame to the queue of a stage, all scalars; it may be dropped, or drop another."""
    if policy != NEWEST_FIRST and _room(layout, state, stage) <= 0:
        state.fate[frame] = DROPPED
        return
    place = state.tail[stage]
    if policy == NEWEST_FIRST:
        while place > state.head[stage] and state.queue[stage, place - 1] > frame:
            state.queue[stage, place] = state.queue[stage, place - 1]
            place -= 1
    state.queue[stage, place] = frame
    state.tail[stage] += 1
    if _room(layout, state, stage) < 0:
        state.fate[state.queue[stage, state.head[stage]]] = DROPPED
        state.head[stage] += 1


@njit(cache=True)
def _hand_on(layout: Layout, state: State, policy: int, now: int) -> bool:
    """Whether a machine done by `now`, a scalar, hands on its frame: of the last stage that can, the oldest frame."""
    stages = len(layout.depth)
    for stage in range(stages - 1, -1, -1):
        last = stage + 1 == stages
        if not last and policy == BLOCKING and _room(layout, state, stage + 1) <= 0:
            continue
        found = NEVER
        for one in range(layout.first[stage], layout.first[stage + 1]):
            done = state.serves[one] != NEVER and state.done[one] <= now
            if done and (found == NEVER or state.serves[one] < state.serves[found]):
                found = one
        if found == NEVER:
            continue
        frame = state.serves[found]
        state.spent[found, BLOCKED] += now - state.done[found]
        state.serves[found] = NEVER
        state.idle[stage] += 1
        if last:
            state.fate[frame] = SERVED
            state.result[frame] = now
        else:
            _put(layout, state, policy, stage + 1, frame)
        return True
    return False


@njit(cache=True)
def _expose(layout: Layout, state: State, policy: int, now: int) -> bool:
    """Whether the camera brings a frame at `now`, a scalar; with `block`, those due while it held one are missed."""
    frame = state.next[0]
    if frame == len(layout.due) or layout.due[frame] > now:
        return False
    if policy == BLOCKING and _room(layout, state, 0) <= 0:
        return False
    _put(layout, state, policy, 0, frame)
    frame += 1
    while frame < len(layout.due) and layout.due[frame] < now:
        frame += 1
    state.next[0] = frame
    return True


@njit(cache=True)
def _take(layout: Layout, state: State, policy: int, now: int) -> bool:
    """Whether an idle machine takes a frame at `now`, a scalar: of the last stage where one can, the first machine."""
    for stage in range(len(layout.depth) - 1, -1, -1):
        if state.idle[stage] == 0 or state.head[stage] == state.tail[stage]:
            continue
        one = layout.first[stage]
        while state.serves[one] != NEVER:
            one += 1
        if policy == NEWEST_FIRST:
            state.tail[stage] -= 1
            frame = state.queue[stage, state.tail[stage]]
        else:
            frame = state.queue[stage, state.head[stage]]
            state.head[stage] += 1
        state.idle[stage] -= 1
        state.serves[one] = frame
        state.done[one] = now + layout.service[one, frame]
        state.begin[stage, frame] = now
        state.machine[stage, frame] = one
        state.spent[one, SERVE] += layout.service[one, frame]
        return True
    return False


@njit(cache=True)
def _run(layout: Layout, state: State, policy: int) -> int:
    """Run all events, fill `state`; returns the time of the last one, a scalar."""
    now = 0
    while True:
        while (
            _hand_on(layout, state, policy, now)
            or _expose(layout, state, policy, now)
            or _take(layout, state, policy, now)
        ):
            pass
        then = FAR
        for one in range(len(state.serves)):
            if state.serves[one] != NEVER and state.done[one] > now:
                then = min(then, state.done[one])
        if state.next[0] < len(layout.due) and layout.due[state.next[0]] > now:
            then = min(then, layout.due[state.next[0]])
        if then == FAR:
            return now
        now = then


def run_engine(camera: Camera) -> CameraRun:
    """Run a camera. InputError where it cannot be, see `check_camera`."""
    check_camera(camera)
    sizes = [len(stage.service_ps) for stage in camera.stages]
    layout = Layout(
        due=camera.capture_ps + camera.sensor_ps,
        first=np.cumsum([0, *sizes], dtype=np.int64),
        depth=np.array([stage.depth for stage in camera.stages], np.int64),
        service=np.concatenate([stage.service_ps for stage in camera.stages]),
    )
    state = _begin(sizes, camera.frames)
    time = int(_run(layout, state, POLICIES.index(camera.policy)))
    state.spent[:, IDLE] = time - state.spent.sum(axis=1)
    return CameraRun(time, state.fate, state.result, state.begin, state.machine, state.spent)


def _begin(sizes: list[int], frames: int) -> State:
    machines, stages = sum(sizes), len(sizes)
    return State(
        serves=np.full(machines, NEVER, np.int64),
        done=np.zeros(machines, np.int64),
        idle=np.array(sizes, np.int64),
        queue=np.zeros((stages, frames + 1), np.int64),
        head=np.zeros(stages, np.int64),
        tail=np.zeros(stages, np.int64),
        next=np.zeros(1, np.int64),
        fate=np.full(frames, MISSED, np.int8),
        result=np.full(frames, NEVER, np.int64),
        begin=np.full((stages, frames), NEVER, np.int64),
        machine=np.full((stages, frames), NEVER, np.int64),
        spent=np.zeros((machines, len(REASONS)), np.int64),
    )
