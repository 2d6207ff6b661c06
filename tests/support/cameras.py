"""Random cameras, and runs of both twins."""

import numpy as np
from hypothesis import strategies as st

from simulator.system.camera.camera import POLICIES, Camera, Stage
from simulator.system.camera.engine import run_engine
from simulator.system.camera.model import run_model


@st.composite
def cameras(draw, most_stages=3, policies=POLICIES):
    """Small numbers, so that machines end and frames come at the same time; services of 0 among them."""
    frames = draw(st.integers(1, 14))
    capture = np.cumsum(draw(st.lists(st.integers(1, 4), min_size=frames, max_size=frames))) - 1
    stages = []
    for number in range(draw(st.integers(1, most_stages))):
        machines = draw(st.integers(1, 3))
        times = draw(st.lists(st.integers(0, 9), min_size=machines * frames, max_size=machines * frames))
        service = np.array(times, np.int64).reshape(machines, frames)
        stages.append(Stage(f"stage {number}", service, draw(st.integers(0, 3))))
    return Camera(capture.astype(np.int64), tuple(stages), draw(st.sampled_from(policies)), draw(st.integers(0, 3)))


def run_twins(camera):
    """The run of both, which are equal."""
    engine, model = run_engine(camera), run_model(camera)
    for name, ours, theirs in zip(engine._fields, engine, model, strict=True):
        np.testing.assert_array_equal(ours, theirs, err_msg=name)
    return engine


def periodic(period, service, frames, policy="newest", depth=1, machines=1):
    """A camera of one stage: constant distance of frames and time of service."""
    times = np.full((machines, frames), service, np.int64)
    return Camera(np.arange(frames, dtype=np.int64) * period, (Stage("machine", times, depth),), policy)
