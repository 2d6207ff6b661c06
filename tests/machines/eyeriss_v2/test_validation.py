"""Published figures of Eyeriss v2: one PE to the cycle, the chip's rates as near as the page says."""

import numpy as np
import pytest
from support.paths import ROOT

import zeroskip as zs
from docs.generate.validation import read
from simulator.machines.eyeriss_v2.paper import masks, networks, validation
from simulator.machines.eyeriss_v2.paper.networks import INPUTS, WEIGHTS, mobilenet
from workloads.errors import InputError

MASKS = ROOT.parent / "shared" / "data" / "eyeriss_v2_masks.npz"
KEPT = ROOT / "docs" / "validation"


@pytest.mark.skipif(not MASKS.exists(), reason="the masks belong to the artifact of Sparseloop")
def test_one_pe_is_exact_on_the_masks_of_real_layers():
    rows = {(row.table, row.quantity, row.row): row for row in masks.rows(MASKS)}
    known = [row for row in rows.values() if row.published is not None]
    assert [row.row for row in known if row.simulated != row.published] == []
    assert len(known) == 10
    for name, (weight, active) in masks.read_masks(MASKS).items():  # of layers without a known value, too
        inputs, size = active.sum(axis=0), 8 if name == "L07" else 16
        kept = weight.reshape(-1, size, weight.shape[1]).sum(axis=1)
        for table, simd in (("one PE, one multiply a cycle", 1), ("one PE, two multiplies a cycle", 2)):
            assert rows[table, "cycles", name].simulated == (-(-kept // simd) * inputs).sum()
        assert rows["one PE, one multiply a cycle", "empty_columns", name].simulated == inputs @ (kept == 0).sum(axis=0)


def packed(path, outputs, places, inputs, seed=0):
    rng = np.random.default_rng(seed)
    weight, active = rng.random((outputs, inputs)) < 0.5, rng.random((places, inputs)) < 0.6
    np.savez(path, L1_weight=np.packbits(weight, axis=1), L1_input=np.packbits(active, axis=1))
    return weight, active


def test_masks_of_other_layers_are_counted_too(tmp_path):
    weight, active = packed(tmp_path / "m.npz", 24, 9, 16)
    rows = {(row.table, row.quantity): row for row in masks.rows(tmp_path / "m.npz")}
    one = rows["one PE, one multiply a cycle", "cycles"]
    assert (one.published, one.simulated) == (None, weight.sum(axis=0) @ active.sum(axis=0))
    found = zs.validate("eyeriss_v2", data=tmp_path / "m.npz")
    assert len(found.rows) == 3


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"L1_weight": np.zeros((2, 3), np.uint8)},
        {"L1_weight": np.zeros((2, 3), np.uint8), "L1_input": np.zeros((2, 4), np.uint8)},
        {"L1_weight": np.zeros((2, 3), np.uint8), "L1_input": np.zeros((2, 3), np.float32)},
        {"L1_weight": np.zeros((0, 3), np.uint8), "L1_input": np.zeros((2, 3), np.uint8)},
    ],
)
def test_what_is_no_file_of_masks(arrays, tmp_path):
    np.savez(tmp_path / "m.npz", **arrays)
    with pytest.raises(InputError, match="its arrays are no packed masks; expected an .npz of packed masks"):
        list(masks.rows(tmp_path / "m.npz"))


def test_mobilenet_has_its_published_size():
    """Howard et al. 2017: 0.5 MobileNet-128 has 1.3 million parameters and 49 million multiply-adds."""
    shapes = list(mobilenet())
    weights = sum(one.outputs * one.inputs // one.groups * one.kernel**2 for one in shapes)
    products = sum(
        one.outputs * one.inputs // one.groups * one.kernel**2 * (one.plane // one.stride) ** 2 for one in shapes
    )
    assert len(shapes) == 28
    assert weights / 1e6 == pytest.approx(1.3, abs=0.05)
    assert products / 1e6 == pytest.approx(49, abs=0.7)
    for shape in shapes:
        layer = networks.draw(shape, 1.0, np.random.default_rng(0))
        assert layer.output_plane == (shape.plane // shape.stride,) * 2
        assert layer.activation_density == pytest.approx(1.0 if shape.inputs == 3 else INPUTS, abs=0.06)
    pruned = networks.draw(shapes[6], WEIGHTS, np.random.default_rng(0))
    assert pruned.weight_density == pytest.approx(WEIGHTS, abs=0.03)


@pytest.mark.slow
def test_the_kept_rates_are_those_of_a_fresh_run_and_as_near_as_the_page_says():
    kept = {(row.quantity, row.row): row for row in read(KEPT / "eyeriss_v2.csv")}
    config = zs.load_arch("eyeriss_v2")
    (first,) = (row for row in validation.rows(0, 1, ["inferences_per_s"]) if row.row == "MobileNet-0.5-128")
    assert first.simulated == pytest.approx(kept["inferences_per_s", "MobileNet-0.5-128"].simulated, rel=0.01)
    assert {row.figure_class for row in kept.values()} == {"predicted"}
    rates = [row.error_percent for (quantity, _), row in kept.items() if quantity == "inferences_per_s"]
    assert max(map(abs, rates)) < 28
    assert len(list(networks.layers("sparse AlexNet", 0, config))) == 8
