"""Studies of frames: times of a detector's parts, tables of CaTDet, PatchNet and delays."""

import numpy as np
import pytest
from support.tracks import make_boxes

import zeroskip
from simulator.config.load import load_arch
from simulator.studies.frames import catdet, delay, part_times, patchnet
from simulator.studies.frames.machines import configurations
from simulator.studies.frames.sequences import FAST, Road, Sequence, drawn_sequence, every
from simulator.system.camera.camera import PS_PER_S
from simulator.system.camera.closed_form import closed_form
from workloads.sources.zoo.recipes import zoo
from workloads.tracks.cascade import run_cascade
from workloads.tracks.cost import Costs
from workloads.tracks.regions import Frame

LAYER = "kitti-resnet10b-res4-3x3"
SHORT = Road(FAST.scene._replace(frames=120), FAST.proposed._replace(frames=120), 60.0)
COSTS = {name: Costs(0.03, 0.01, 0.0002, cheap, 0.00001) for name, cheap in (("A", 0.02), ("B", 0.005))}


def small(outputs=4, side=6):
    recipe = zoo()[LAYER]
    sizes = {"inputs": 3, "outputs": outputs, "height": side, "width": side}
    return recipe.model_copy(update={"shape": recipe.shape.model_copy(update=sizes)})


def test_a_layer_on_a_machine_with_convolutions_is_its_run():
    seconds = part_times.layer_seconds(
        load_arch("scnn"), "kitti-resnet10b-region-res5-3x3", zoo()["kitti-resnet10b-region-res5-3x3"], 0
    )
    assert seconds == pytest.approx(zeroskip.run("scnn", "kitti-resnet10b-region-res5-3x3").time_us / 1e6)


def test_a_layer_on_a_machine_without_convolutions_is_a_product_for_each_place():
    config = load_arch("eie")
    once = part_times.layer_seconds(config, LAYER, small(side=3), 0)
    assert part_times.places(small(side=6).shape) == 36
    matrix = part_times.draw_any(LAYER, small(side=3), 1.0, 0).weight.reshape(4, -1)
    inputs = part_times.draw_any(LAYER, small(side=3), 1.0, 0).activation.reshape(-1)
    alone = zeroskip.simulate("eie", matrix, inputs, density=0.35, compare=False)
    assert once == pytest.approx(9 * alone.time_us / 1e6)


def test_parts_of_a_network_are_summed_once_for_each_machine(monkeypatch):
    asked = []
    monkeypatch.setattr(
        part_times,
        "layer_seconds",
        lambda _config, name, recipe, _seed: asked.append((name, recipe.shape.width)) or 1.0,
    )
    known = {}
    found = part_times.measure_parts(load_arch("scnn"), "A", 0, lambda _: None, known)
    assert found.times == Costs(43.0, 3.0, 10 / part_times.SIDE_BY_SIDE, 11 + 1, 3 / part_times.SIDE_BY_SIDE)
    assert ("kitti-resnet50-region-res5-3x3", 7 * part_times.SIDE_BY_SIDE) in asked
    count = len(asked)
    part_times.measure_parts(load_arch("scnn"), "B", 0, lambda _: None, known)
    assert len(asked) - count == 11 + 3


def test_services_are_the_formula():
    sequence = drawn_sequence(0, SHORT)
    cascade = run_cascade(sequence.proposals, sequence.detections, sequence.frame)
    service = catdet.service_ps("B", COSTS, cascade)
    expected = 0.005 + 300 * 0.00001 + 0.03 * cascade.cover[7] + 0.0002 * cascade.regions[7] + catdet.TRACKER_S
    assert service[7] == round(expected * PS_PER_S)
    assert set(catdet.service_ps("single", COSTS, cascade).tolist()) == {round(0.1 * PS_PER_S)}
    cheap, refined = catdet.divided_ps(COSTS["B"], cascade)
    assert abs(cheap + refined - service).max() <= 1  # rounded twice
    rows = list(catdet.time_rows("m", COSTS, cascade))
    assert [row.detector for row in rows] == ["single", "A", "B"]
    assert rows[0].ratio == 1 < rows[1].ratio < rows[2].ratio
    assert all(row.median_ms <= row.percentile_99_ms <= row.most_ms for row in rows)


def test_delay_falls_with_a_cheaper_detector_and_rises_with_slower_frames():
    rows = list(catdet.delay_rows("m", COSTS, drawn_sequence(0, FAST)))
    assert [row.fps for row in rows[::4]] == [60 / skip for skip in catdet.SKIPS]
    first = {row.detector: row for row in rows[:4]}
    assert first["single"].served < first["A"].served < first["B"].served
    assert first["single"].delay_ms > first["B"].delay_ms
    assert first[catdet.DIVIDED].served >= first["B"].served
    slowest = [row for row in rows if row.fps == 5]
    assert all(row.served == 1 for row in slowest)
    assert all(row.delay_ms > first["B"].delay_ms for row in slowest)


def test_every_third_frame():
    boxes = make_boxes([(frame, 0, 0, 0.0, 1) for frame in range(10)])
    chosen = every(Sequence("s", 30.0, Frame(9, 9), boxes, boxes, boxes), 3)
    assert (chosen.fps, chosen.truth.frames, chosen.truth.frame.tolist()) == (10, 4, [0, 1, 2, 3])


def test_objects_that_appear_at_any_frame_wait_half_an_interval_for_a_key_frame():
    """Objects that appear with frames 0 to 59, and are found in each key frame."""
    rows = [(frame, track, 0, 100.0 * track, 1) for track in range(60) for frame in range(track, 80)]
    boxes = make_boxes(rows)
    sequence = Sequence("s", 30.0, Frame(9, 9), boxes, boxes, boxes)
    for interval in (1, 2, 3, 4, 6):
        service = patchnet.key_frames(sequence, interval, 0.0, 0.0)
        row = patchnet.interval_row("m", interval, (1.0, 1.0), sequence, service)
        assert row.offline_frames == pytest.approx(row.more_by_law) == (interval - 1) / 2
        assert row.delay_ms == pytest.approx(row.offline_frames * 1000 / 30)


def test_key_frames_take_the_detector_and_others_the_tracker_for_each_object():
    boxes = make_boxes([(0, 0, 0, 0.0, 1), (1, 0, 0, 0.0, 1), (1, 1, 0, 9.0, 1), (2, 0, 0, 0.0, 1), (3, 0, 0, 0.0, 1)])
    sequence = Sequence("s", 30.0, Frame(9, 9), boxes, boxes, boxes)
    assert (patchnet.key_frames(sequence, 3, 0.5, 0.001) // 10**9).tolist() == [500, 2, 1, 500]


def test_waits_are_the_closed_forms():
    for row in delay.wait_rows():
        form = closed_form(row.policy, delay.PERIOD_MS, int(row.service_ms))
        assert (row.mean_ms, row.most_ms) == (pytest.approx(form.mean), form.most)
        assert (row.closed_form_ms, row.closed_form_most_ms) == form


def test_a_sequence_without_latency_has_its_offline_delays():
    first, *others = delay.delay_rows(drawn_sequence(0))
    assert first.frames == pytest.approx(first.offline_frames)
    assert first.average_frames == pytest.approx(first.average_offline_frames)
    delays = np.array([row.frames for row in (first, *others)])
    assert (np.diff(delays) > 0).all()


def test_the_studies_are_listed_and_the_delay_study_runs(monkeypatch):
    from simulator.studies import find_study, studies

    assert {"catdet", "patchnet", "delay", "frame-differences"} <= set(studies())
    monkeypatch.setattr(delay, "published_sequences", lambda _seed: ([], ["no network"]))
    content = find_study("delay").run(0, lambda _: None)
    assert content["notes"] == ["no network"]
    assert len(content["rows"]) == len(delay.LATENCIES_MS)


def test_the_correlation_loses_what_pruning_would_save(monkeypatch):
    monkeypatch.setitem(configurations(), "kernels", ["scnn", "dcnn"])
    scnn, dcnn = patchnet.kernel_rows(0, lambda _: None)
    assert scnn.lost > 1.5
    assert dcnn.lost == pytest.approx(1)
    assert scnn.kbytes_an_object == 24.576
