"""Delays with latency: none gives the offline metric; parts add up; slower machines are later; the command."""

import json
from itertools import combinations, pairwise
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.cameras import periodic
from support.paths import EXAMPLES
from support.tracks import make_boxes, published, sequences
from typer.testing import CliRunner

import zeroskip
from simulator.cli import app
from simulator.run import executor
from simulator.system.camera.camera import POLICIES, Camera, Stage
from simulator.system.camera.closed_form import closed_form
from simulator.system.camera.delays import PARTS, delays
from simulator.system.camera.detector import average, delay_points, read_detector
from simulator.system.camera.engine import run_engine
from simulator.system.camera.serving import CANNOT, LayerTimes, layer_times, split
from workloads.errors import InputError
from workloads.options import WorkloadOptions
from workloads.tracks.delay import first_frames, offline_delays
from workloads.tracks.draw import KITTI_LIKE, draw_detections, draw_truth

PERIOD = 1000


def delayed(detector, service, policy="newest", depth=1, frames=60, least=-np.inf):
    camera = periodic(PERIOD, service, frames, policy, depth)
    return delays(detector.hits, detector.tracks, camera, run_engine(camera), least)


@settings(max_examples=EXAMPLES)
@given(sequences(), st.sampled_from(POLICIES))
def test_without_latency_delays_are_the_offline_ones(sequence, policy):
    detector = read_detector(*sequence)
    for least in (-np.inf, 0.5, 1.0, 9.0):
        offline = offline_delays(detector.tracks, first_frames(detector.hits, detector.tracks, least))
        found = delayed(detector, 0, policy, least=least)
        np.testing.assert_array_equal(found.total_ps, offline * PERIOD)
    camera = periodic(10**9, 0, 60, policy)
    points = delay_points(detector, camera, run_engine(camera), fps=1000)
    for point in points:
        assert point.frames == pytest.approx(point.offline_frames)
    mean = average(points, 1000)
    assert mean.frames == pytest.approx(mean.offline_frames)
    assert mean.ms == pytest.approx(mean.frames)  # a frame is a millisecond


@settings(max_examples=EXAMPLES)
@given(sequences(), st.integers(0, PERIOD))
def test_a_latency_within_the_distance_of_frames_is_added_to_each_delay(sequence, service):
    detector = read_detector(*sequence)
    offline = offline_delays(detector.tracks, first_frames(detector.hits, detector.tracks, -np.inf))
    np.testing.assert_array_equal(delayed(detector, service).total_ps, offline * PERIOD + service)


@settings(max_examples=EXAMPLES)
@given(sequences(), st.data(), st.sampled_from(POLICIES))
def test_parts_add_up_and_are_not_negative(sequence, data, policy):
    detector = read_detector(*sequence)
    services = data.draw(st.lists(st.integers(0, 5000), min_size=2 * 30, max_size=2 * 30))
    stages = tuple(Stage(str(n), np.array(services[30 * n : 30 * n + 30], np.int64)[None], 1) for n in range(2))
    camera = Camera(np.arange(30, dtype=np.int64) * PERIOD, stages, policy, 70)
    found = delays(detector.hits, detector.tracks, camera, run_engine(camera))
    np.testing.assert_array_equal(found.parts_ps.sum(axis=1), found.total_ps)
    assert (found.parts_ps >= 0).all()
    offline = offline_delays(detector.tracks, first_frames(detector.hits, detector.tracks, -np.inf))
    np.testing.assert_array_equal(found.parts_ps[:, PARTS.index("misses")], offline * PERIOD)
    assert (found.total_ps >= offline * PERIOD).all()


@settings(max_examples=EXAMPLES)
@given(sequences(), st.integers(0, 4000), st.integers(0, 4000))
def test_without_losses_more_latency_is_never_earlier(sequence, service, more):
    detector = read_detector(*sequence)
    fast = delayed(detector, service, "drop", 60)
    slow = delayed(detector, service + more, "drop", 60)
    assert (slow.total_ps >= fast.total_ps).all()


def test_with_losses_one_object_may_be_earlier_on_a_slower_machine():
    """Frames 0, 2, 5, 7 are served where a frame takes 2.5 distances, 0, 3, 6 where it takes 3."""
    detector = read_detector(*[make_boxes([(frame, 0, 0, 0.0, 1) for frame in range(3, 9)])] * 2)
    assert delayed(detector, 2500).total_ps.tolist() == [4500]
    assert delayed(detector, 3000).total_ps.tolist() == [3000]


@pytest.mark.parametrize(("policy", "depth"), [("newest", 1), ("drop", 0)])
@pytest.mark.parametrize("service", [0, 500, 1000, 1250, 1500, 2500, 3000])
def test_objects_that_appear_with_each_frame_have_the_delay_of_the_closed_form(policy, depth, service):
    rows = [(frame, track, 0, 100.0 * track, 1) for track in range(60) for frame in range(track, 80)]
    detector = read_detector(*[make_boxes(rows)] * 2)
    found = delayed(detector, service, policy, depth, 100)
    form = closed_form(policy, PERIOD, service)
    assert (found.total_ps.mean(), found.total_ps.max()) == (pytest.approx(form.mean), form.most)


def test_misses_cost_frames_that_are_served():
    """A detector that finds an object in its third served frame: two distances of served frames more."""
    truth = make_boxes([(frame, 0, 0, 0.0, 1) for frame in range(20)])
    found = make_boxes([(frame, 0, 0, 0.0, 1) for frame in range(6, 20)])
    total = delayed(read_detector(truth, found), 2500, "drop", 0).total_ps[0]
    served = 3 * PERIOD  # ceil(2.5) distances
    assert total == 2500 + 2 * served


def test_an_object_that_nothing_shows_counts_its_stay():
    """It is there in frames 1 and 2, which are lost; frame 3 is the first one served from its last one on."""
    detector = read_detector(*[make_boxes([(1, 0, 0, 0.0, 1), (2, 0, 0, 0.0, 1)])] * 2)
    found = delayed(detector, 2500, "drop", 0)
    assert found.frame.tolist() == [-1]
    assert found.total_ps.tolist() == [3000 + 2500 - 1000]


def test_a_camera_of_too_few_frames_is_refused():
    detector = read_detector(*[make_boxes([(9, 0, 0, 0.0, 1)])] * 2)
    with pytest.raises(InputError, match="camera: it has 9 frames; expected 10 or more, as the objects"):
        delayed(detector, 10, frames=9)


@settings(max_examples=2 * EXAMPLES)
@given(st.data())
def test_layers_are_divided_so_that_the_longest_part_is_short(data):
    machines, layers = data.draw(st.integers(1, 3)), data.draw(st.integers(3, 6))
    numbers = st.sampled_from([1, 2, 5, 7, CANNOT])
    rows = data.draw(st.lists(numbers, min_size=machines * layers, max_size=machines * layers))
    ps = np.array(rows, np.int64).reshape(machines, layers)
    times = LayerTimes("net", tuple(map(str, range(layers))), ps, ())
    best = min(longest(ps, cuts) for cuts in all_cuts(machines, layers))
    if best >= CANNOT:
        with pytest.raises(InputError, match="net: no machine runs .*; expected a machine for each layer"):
            split(times, ["a", "b", "c"][:machines])
        return
    parts = split(times, ["a", "b", "c"][:machines])
    assert max(part.ps for part in parts) == best
    assert [part.first for part in parts] == [0, *(part.end for part in parts[:-1])]
    assert parts[-1].end == layers
    assert all(part.ps == ps[m, part.first : part.end].sum() for m, part in enumerate(parts))


def all_cuts(machines, layers):
    return [(0, *inner, layers) for inner in combinations(range(1, layers), machines - 1)]


def longest(ps, cuts):
    return max(sum(ps[m, a:b].tolist()) for m, (a, b) in enumerate(pairwise(cuts)))


SMALL = ["eie", "alexnet-fc8", "--scale", "0.1"]


def command(*arguments):
    return CliRunner().invoke(app, ["camera", *arguments])


def test_the_command_and_the_call_give_the_same():
    typed = command(*SMALL, "--truth", "drawn", "--detections", "drawn", "--fps", "60", "--json")
    assert typed.exit_code == 0
    found = json.loads(typed.stdout)
    called = zeroskip.camera("eie", "alexnet-fc8", "drawn", "drawn", fps=60, workload={"scale": 0.1})
    assert all(sum(stage.shares.values()) == pytest.approx(1) for stage in called.stages)
    assert found == json.loads(json.dumps(called.to_dict()))
    assert found["served"] == found["frames"]
    assert "average delay" in repr(called)
    simple = zeroskip.camera("eie", "alexnet-fc8", "drawn", "drawn", fps=60, engine="simpy", workload={"scale": 0.1})
    assert simple == called


def test_the_command_on_the_published_sequence():
    published("tud-campus")
    typed = command(*SMALL, "--truth", "tud-campus", "--detections", "tud-campus", "--json")
    first = json.loads(typed.stdout)["points"][0]
    assert first["offline_frames"] == 3.75
    assert first["frames"] == pytest.approx(3.75, abs=0.001)


def test_two_machines_divide_a_network():
    files = ["--truth", "drawn", "--detections", "drawn", "--json"]
    found = json.loads(command("scnn,eie", "alexnet", "--scale", "0.02", *files).stdout)
    assert [len(stage["layers"]) for stage in found["stages"]] == [5, 3]
    assert [stage["machine"] for stage in found["stages"]] == ["scnn_8x8", "eie_64pe"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--fps", "0"], "camera: fps is 0.0; expected 0.001 to"),
        (["--policy", "oldest"], "camera: policy is 'oldest'; expected one of newest, drop, block"),
        (["--depth", "-1"], "camera: depth is -1; expected a whole number from 0 to 1,048,576"),
        (["--copies", "0"], "camera: copies is 0; expected a whole number from 1 to 64"),
        (["--sensor-ms", "nan"], "camera: sensor_ms is nan; expected 0 to"),
        (["--overlap", "1"], "camera: overlap is 1.0; expected 0 to 0.999"),
        (["--precision", "0"], "camera: precision is 0.0; expected 0.001 to 1"),
        (["--clip", "0"], "camera: clip is 0.0; expected 1 to"),
        (["--difficulty", "simple"], "truth: difficulty is 'simple'; expected one of easy, moderate, hard"),
        (["--engine", "verilog"], "engine is 'verilog'"),
    ],
)
def test_a_wrong_option_is_refused(options, sentence):
    result = command(*SMALL, "--truth", "drawn", "--detections", "drawn", *options)
    assert isinstance(result.exception, InputError)
    assert sentence in str(result.exception)


def test_wrong_files_and_arguments_are_refused():
    result = command(*SMALL, "--truth", "drawn", "--detections", "none.txt")
    assert "none.txt: there is no such file; expected boxes as text" in str(result.exception)
    with pytest.raises(InputError, match="camera: speed is given; expected one of fps, policy"):
        zeroskip.camera("eie", "alexnet-fc8", "drawn", "drawn", speed=3)
    with pytest.raises(InputError, match="alexnet-fc8: it has 1 layer for 2 machines; expected as many layers"):
        zeroskip.camera("eie,eie", "alexnet-fc8", "drawn", "drawn", workload={"scale": 0.02})
    with pytest.raises(InputError, match="camera: fps is 'thirty'; expected 0.001 to 1,000,000"):
        zeroskip.camera("eie", "alexnet-fc8", "drawn", "drawn", fps="thirty")
    with pytest.raises(InputError, match="scal is an unknown option; expected one of seed, scale"):
        zeroskip.camera("eie", "alexnet-fc8", "drawn", "drawn", workload={"scal": 1})
    with pytest.raises(InputError, match="camera: workload is 3; expected options of a workload by their names"):
        zeroskip.camera("eie", "alexnet-fc8", "drawn", "drawn", workload=3)
    with pytest.raises(InputError, match="machines 'eie,,eie': one of them has no name; expected names with single"):
        zeroskip.camera("eie,,eie", "alexnet-fc8", "drawn", "drawn")


def test_detections_of_another_format_are_no_silent_misses(tmp_path):
    files = {"car.txt": f"0 1 Car 0 0 0 1 2 3 4{' 1' * 7}\n", "mot.txt": "1,1,1,2,2,2,1\n2,1,1,2,2,2,1\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    names = [tmp_path / name for name in files]
    found = zeroskip.camera("eie", "alexnet-fc8", *names, workload={"scale": 0.02})
    assert "detections are of 2 frames, the truth of 1" in found.notes
    assert "no detection has a label of the truth: object against Car" in found.notes
    same = zeroskip.camera("eie", "alexnet-fc8", names[0], names[0], workload={"scale": 0.02})
    assert not any("label" in note for note in same.notes)


@pytest.mark.parametrize(
    ("machines", "options", "sentence"),
    [
        ("eie", {"fps": "30"}, "camera: fps is '30'; expected 0.001 to 1,000,000"),
        ("eie", {"fps": 1e-300}, "camera: fps is 1e-300; expected 0.001 to"),
        ("eie", {"fps": True}, "camera: fps is True; expected 0.001 to"),
        ("eie", {"depth": 1.5}, "camera: depth is 1.5; expected a whole number from 0 to 1,048,576"),
        ("eie", {"depth": 10**400}, "camera: depth is 1000000"),
        ("eie", {"copies": 1.5}, "camera: copies is 1.5; expected a whole number from 1 to 64"),
        ("eie", {"difficulty": ["easy"]}, "truth: difficulty is \"['easy']\"; expected one of easy, moderate, hard"),
        ("eie", {"difficulty": 3}, "truth: difficulty is '3'; expected one of"),
        ("eie", {"workload": 5}, "camera: workload is 5; expected options of a workload by their names"),
        ("eie", {"workload": {5: 1}}, "camera: workload is {5: 1}; expected options"),
        ("eie", {"workload": {"size": 1}}, "size is an unknown option; expected one of seed, scale"),
        (None, {}, "machines: it is None; expected a name, or several in their order"),
        ([], {}, "machines: there are none; expected one at least"),
    ],
)
def test_an_argument_of_another_type_is_refused(machines, options, sentence):
    with pytest.raises(InputError) as error:
        zeroskip.camera(machines, "alexnet-fc8", "drawn", "drawn", **options)
    assert sentence in str(error.value)


def test_numbers_of_numpy_are_numbers():
    found = zeroskip.camera(
        "eie", "alexnet-fc8", "drawn", "drawn", fps=np.float32(60), depth=np.int64(2), workload={"scale": 0.02}
    )
    assert (found.fps, found.depth, type(found.depth)) == (60.0, 2, int)


def test_ten_thousand_frames_with_their_objects_take_less_than_two_seconds():
    rng, scene = np.random.default_rng(0), KITTI_LIKE._replace(frames=10_000)
    truth = draw_truth(scene, rng)
    found = draw_detections(scene, truth, rng)
    run_engine(periodic(10**9, 10, 10))  # compiled
    began = process_time()
    detector = read_detector(truth, found)
    camera = periodic(33 * 10**9, 50 * 10**9, 10_100)
    points = delay_points(detector, camera, run_engine(camera), 30)
    assert process_time() - began < 2
    assert len(truth.frame) > 50_000
    assert points[0].frames > points[0].offline_frames


def test_times_of_layers_are_those_of_run_and_no_output_is_computed(monkeypatch):
    options = WorkloadOptions(scale=0.1)
    expected = executor.run([zeroskip.load_arch("scnn")], "alexnet", options)[0]
    assert expected.rows[0].output_matches_reference
    monkeypatch.setattr(executor, "reference_output", None)  # an error where it is called
    found = layer_times([zeroskip.load_arch("scnn")], "alexnet", options)
    assert found.ps[0].tolist() == [round(row.time_us * 1e6) for row in expected.rows]
