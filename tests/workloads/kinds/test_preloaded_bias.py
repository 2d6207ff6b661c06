"""Biases that are far larger than any weight: rounded to the codebook with a note, or kept in 16 bits."""

import numpy as np
import pytest

from workloads.kinds import kind_of, reference_output
from workloads.kinds.fully_connected.format import FullyConnectedFormat
from zeroskip import load_arch, run

RNG = np.random.default_rng(2)
WEIGHT = (RNG.standard_normal((24, 40)) / 100).astype(np.float32)
BIAS = RNG.uniform(-1.4, 1.4, 24).astype(np.float32)
ARRAYS = {"weight": WEIGHT, "bias": BIAS, "activation": np.abs(RNG.standard_normal(40)).astype(np.float32)}
EXACT = WEIGHT @ ARRAYS["activation"] + BIAS


def distance(result):
    layer = result.single.workload.layer
    value = layer.output_value(result.single.run.output)
    return np.linalg.norm(value - EXACT) / np.linalg.norm(EXACT)


def test_codes_lose_the_bias_and_the_note_says_how_much():
    result = run("eie", ARRAYS)
    (note,) = [one for one in result.to_dict()["notes"] if "biases reach" in one]
    assert "`eie` keeps them in 16 bits with --set preload_bias=1" in note
    assert f"biases reach {np.abs(BIAS).max():.3g}" in note
    moved = float(note.partition("by ")[2].split()[0])
    assert moved == pytest.approx(distance(result), rel=0.05)
    assert moved > 0.5


def test_preloaded_biases_are_kept():
    result = run(load_arch("eie", preload_bias=1), ARRAYS)
    assert result.single.output_matches_reference
    assert not [one for one in result.to_dict()["notes"] if "biases" in one]
    assert distance(result) < 0.02
    layer = result.single.workload.layer
    np.testing.assert_allclose(kind_of(layer).float_arrays(layer)["bias"], BIAS, atol=2e-4)


@pytest.mark.parametrize("scale", [1, 1e2, 1e9])
def test_the_same_sums_as_a_convolution(scale):
    """On SCNN and the dense machines, which add biases in any case."""
    from workloads.kinds import find_kind
    from workloads.kinds.fully_connected.layer import FullyConnected
    from workloads.options import WorkloadOptions

    layer = FullyConnected("fc", WEIGHT, BIAS * np.float32(scale), ARRAYS["activation"], relu=True)
    kind, outputs = find_kind("fully connected"), []
    for as_convolution in (False, True):
        formats = {kind.name: FullyConnectedFormat(4, as_convolution, preload_bias=True)}
        compressed = kind.compress(layer, None, WorkloadOptions(formats=formats))
        outputs.append(compressed.output_value(reference_output(compressed)))
    np.testing.assert_array_equal(*outputs)
    if scale == 1e9:
        assert any(note.startswith("sums of up to 2**") and note.endswith("saturate") for note in compressed.notes)
        return
    assert outputs[0].max() == pytest.approx(max(0, (WEIGHT @ ARRAYS["activation"] + BIAS * scale).max()), rel=0.01)
