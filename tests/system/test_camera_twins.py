"""Camera, queue and machines: model and engine are equal, and both obey the laws of frames and time."""

from math import ceil, lcm
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.cameras import cameras, periodic, run_twins
from support.paths import EXAMPLES

from simulator.system.camera.camera import Camera, Stage, constant_stage, frame_times
from simulator.system.camera.camera_run import BLOCKED, DROPPED, MISSED, SERVE, SERVED, latencies
from simulator.system.camera.closed_form import closed_form
from simulator.system.camera.engine import run_engine
from simulator.system.camera.model import run_model
from workloads.errors import InputError


@settings(max_examples=10 * EXAMPLES)
@given(cameras())
def test_twins_are_equal_and_lawful(camera):
    run = run_twins(camera)
    assert (run.spent_ps.sum(axis=1) == run.time_ps).all()
    assert (run.spent_ps >= 0).all()
    assert sum(run.count(fate) for fate in (SERVED, DROPPED, MISSED)) == camera.frames
    assert ((run.result_ps >= 0) == (run.fate == SERVED)).all()
    begun = run.begin_ps >= 0
    machines = np.concatenate([stage.service_ps for stage in camera.stages])
    for stage in range(len(camera.stages)):
        frames = np.flatnonzero(begun[stage])
        ends = run.begin_ps[stage, frames] + machines[run.machine[stage, frames], frames]
        after = run.begin_ps[stage + 1, frames] if stage + 1 < len(camera.stages) else run.result_ps[frames]
        assert ((after >= ends) | (after < 0)).all()
        before = run.begin_ps[stage - 1, frames] if stage else camera.capture_ps[frames] + camera.sensor_ps
        assert (run.begin_ps[stage, frames] >= before).all()
    for one in range(camera.machines):
        stage, frames = np.nonzero(run.machine == one)
        assert run.spent_ps[one, SERVE] == machines[one, frames].sum()
        order = np.argsort(run.begin_ps[stage, frames], kind="stable")
        begin = run.begin_ps[stage, frames][order]
        assert (begin[1:] >= begin[:-1]).all()
    if camera.policy != "block":
        assert run.spent_ps[:, BLOCKED].sum() == 0
        assert run.count(MISSED) == 0
    else:
        assert run.count(DROPPED) == 0
    assert len(camera.stages) > 1 or run.fate[0] == SERVED


# frames every 10, a machine that takes 25: what becomes of each, and when results are there
TIMELINES = {
    ("newest", 1): ("SDSDDSDS", [25, 50, 75, 100]),
    ("drop", 0): ("SDDSDDSD", [25, 55, 85]),
    ("drop", 1): ("SSDSDSDD", [25, 50, 75, 100]),
    ("block", 0): ("SSMSMSMM", [25, 50, 75, 100]),
}


@pytest.mark.parametrize(("policy", "depth"), TIMELINES)
def test_fates_and_times_drawn_by_hand(policy, depth):
    run = run_twins(periodic(10, 25, 8, policy, depth))
    letters = "".join("SDM"[fate] for fate in run.fate)
    assert (letters, [one for one in run.result_ps.tolist() if one >= 0]) == TIMELINES[policy, depth]


def test_a_full_second_queue_blocks_the_first_machine():
    """Two stages of 1 and 10, frames every 2, no room between them: the first waits for the second."""
    capture = np.array([0, 2, 4, 6], np.int64)
    stages = tuple(Stage(f"{time}", np.full((1, 4), time, np.int64), 0) for time in (1, 10))
    run = run_twins(Camera(capture, stages, "block"))
    assert run.fate.tolist() == [SERVED, SERVED, SERVED, MISSED]  # frame 2 is held from 4 to 11, 3 is due at 6
    assert run.begin_ps.tolist() == [[0, 2, 11, -1], [1, 11, 21, -1]]
    assert run.result_ps.tolist() == [11, 21, 31, -1]
    assert run.spent_ps.tolist() == [[3, 8 + 9, 31 - 20], [30, 0, 1]]


def test_several_machines_take_the_frames_in_turn():
    run = run_twins(periodic(10, 25, 9, "drop", 0, machines=3))
    assert run.count(SERVED) == 9
    assert run.machine[0].tolist() == [0, 1, 2] * 3
    assert set(latencies(run, np.arange(9) * 10).tolist()) == {25}


@settings(max_examples=5 * EXAMPLES)
@given(st.integers(1, 12), st.integers(1, 60), st.sampled_from([("newest", 1), ("drop", 0)]))
def test_the_wait_for_a_result_is_the_closed_form(period, service, how):
    """One machine with constant times: from each frame until the result of the first served frame from it on."""
    policy, depth = how
    frames = lcm(period, service, period * ceil(service / period)) // period  # whole rounds of either policy
    camera = periodic(period, service, frames + 3 * ceil(service / period), policy, depth)
    run = run_engine(camera)
    served = np.flatnonzero(run.fate == SERVED)
    first = served[np.searchsorted(served, np.arange(frames))]
    waits = run.result_ps[first] - camera.capture_ps[:frames]
    assert (waits.mean(), waits.max()) == (
        pytest.approx(closed_form(policy, period, service).mean),
        closed_form(policy, period, service).most,
    )


@pytest.mark.parametrize("policy", ["newest", "drop"])
def test_the_closed_form_grows_with_the_service_on_a_grid_of_whole_frames(policy):
    forms = [closed_form(policy, 10, service) for service in range(0, 200, 10)]
    assert forms == sorted(forms)
    assert [closed_form("drop", 10, service) for service in range(200)] == sorted(
        closed_form("drop", 10, service) for service in range(200)
    )


@settings(max_examples=2 * EXAMPLES)
@given(cameras(most_stages=1, policies=("drop",)), st.data())
def test_without_losses_a_slower_machine_is_never_earlier(camera, data):
    (stage,) = camera.stages
    deep = stage._replace(depth=camera.frames, service_ps=stage.service_ps[:1])
    more = np.array(data.draw(st.lists(st.integers(0, 5), min_size=camera.frames, max_size=camera.frames)), np.int64)
    fast = run_engine(camera._replace(stages=(deep,)))
    slow = run_engine(camera._replace(stages=(deep._replace(service_ps=deep.service_ps + more),)))
    assert fast.count(SERVED) == slow.count(SERVED) == camera.frames
    assert (slow.result_ps >= fast.result_ps).all()


def test_a_machine_without_time_gives_each_result_at_once():
    camera = periodic(7, 0, 20)
    assert latencies(run_twins(camera), camera.capture_ps).tolist() == [0] * 20


def test_ten_thousand_frames_take_less_than_two_seconds():
    rng = np.random.default_rng(0)
    stages = [Stage(str(n), rng.integers(10**9, 10**11, (2, 10_000)), 4) for n in range(2)]
    camera = Camera(frame_times(30, 10_000), tuple(stages), "newest")
    run_engine(camera._replace(policy="drop"))  # compiled
    began = process_time()
    run = run_engine(camera)
    assert process_time() - began < 2
    assert run.count(SERVED) > 5000


ONE = constant_stage("one", 5, 3)


@pytest.mark.parametrize("run", [run_model, run_engine])
@pytest.mark.parametrize(
    ("camera", "sentence"),
    [
        (Camera(np.arange(3), (ONE,), "oldest"), "camera: policy is 'oldest'; expected one of newest, drop, block"),
        (Camera(np.arange(3.0), (ONE,)), "camera: its times are float64"),
        (Camera(np.array([0, 2, 2]), (ONE,)), "camera: its frames are not one after another from 0 on"),
        (Camera(np.arange(3), ()), "camera: it has 0 stages; expected 1 to 16"),
        (Camera(np.arange(3), (ONE,), "drop", -1), "camera: its sensor takes -1 ps; expected 0 or more"),
        (Camera(np.arange(4), (ONE,)), "stage one: its services are int64 [1, 3]; expected int64 [machines, 4]"),
        (Camera(np.arange(3), (ONE._replace(depth=-1),)), "stage one: depth is -1; expected 0 to"),
        (Camera(np.arange(3), (constant_stage("one", -5, 3),)), "stage one: a service takes -5 ps; expected 0 or more"),
        (Camera(np.arange(3), (constant_stage("a", 1 << 60, 3),)), "take more than 2^61 ps one after another"),
        (Camera(np.arange(3), (constant_stage("a", 1, 3, 65),)), "stage a: it has 65 machines; expected 1 to 64"),
    ],
)
def test_a_camera_that_cannot_be(run, camera, sentence):
    with pytest.raises(InputError) as error:
        run(camera)
    assert sentence in str(error.value)


@pytest.mark.parametrize(("fps", "frames"), [(0, 5), (float("nan"), 5), (1e9, 5), (30, 0), (30, 1 << 30)])
def test_rates_and_numbers_of_frames_that_cannot_be(fps, frames):
    with pytest.raises(InputError, match="camera: it (has|takes)"):
        frame_times(fps, frames)


def test_frames_at_a_rate_that_divides_no_picosecond():
    assert frame_times(30, 4).tolist() == [0, 33_333_333_333, 66_666_666_667, 100_000_000_000]
