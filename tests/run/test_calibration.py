"""`zeroskip calibrate`: from Python and on the command line."""

import json
import sys

import numpy as np
import pytest

from simulator import plots
from simulator.cli import main
from simulator.cli.calibrate import parse_lengths, parse_tiles
from workloads.kinds.attention.calibration import LAMBDAS
from zeroskip import InputError, calibrate, load_arch, simulate

DECODE = "qwen3-attention-decode"


@pytest.fixture
def file(tmp_path):
    """Attention of 40 tokens with a wide spread of scores."""
    rng = np.random.default_rng(0)
    query, key, value = (rng.standard_normal((2, 40, 8)).astype(np.float32) for _ in range(3))
    path = tmp_path / "own.npz"
    np.savez(path, query=3 * query, key=key, value=value)
    return path


@pytest.fixture
def typed(monkeypatch, capsys):
    """A function that types a command: exit code and what it prints."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["zeroskip", *map(str, arguments)])
        try:
            main()
        except SystemExit as stop:
            return stop.code or 0, capsys.readouterr()
        return 0, capsys.readouterr()

    return call


def test_the_chosen_factor_skips_the_share_on_the_machine(file):
    (curve,) = calibrate(file, tiles=[(4, 4)], target=0.4).curves
    config = load_arch("tensor", tile_queries=4, block_keys=4, skip_thousandths=curve.thousandths)
    counts = simulate(config, file).counts
    assert counts["blocks"] == curve.blocks
    assert 0.4 <= counts["blocks_skipped"] / curve.blocks < 0.42


def test_shares_rise_with_the_threshold(file):
    found = calibrate(file, tiles=[(1, 4), (8, 4)], lengths=[20, 40])
    assert [(one.tile, one.keys) for one in found.curves] == [((1, 4), 20), ((8, 4), 20), ((1, 4), 40), ((8, 4), 40)]
    for curve in found.curves:
        assert list(curve.shares) == sorted(curve.shares)
        assert curve.factors == [one * curve.keys for one in LAMBDAS]
    by_tile = {one.tile: max(one.shares) for one in found.curves}
    assert by_tile[8, 4] < by_tile[1, 4]


def test_spreads_are_of_all_lengths(file):
    found = calibrate(file, tiles=[(1, 4)], lengths=[20, 30, 40], target=0.3)
    (spread,), factors = found.spreads, [one.thousandths for one in found.curves]
    assert spread.spread == max(factors) / min(factors)
    assert min(factors) <= spread.thousandths <= max(factors)
    assert spread.shares[0] <= 0.3 + 0.02
    assert spread.shares[1] >= 0.3


def test_a_recipe_is_drawn_at_each_length():
    found = calibrate(DECODE, scale=0.02, lengths=[50, 163], tiles=[(8, 8)])
    assert [one.blocks for one in found.curves] == [16 * -(-keys // 8) for keys in (50, 163)]


def test_all_attentions_of_a_network_count_together(monkeypatch):
    from workloads.kinds.attention.layer import Attention
    from workloads.sources.network import Network
    from workloads.sources.pretrained.networks import REAL

    rng = np.random.default_rng(1)
    arrays = [rng.standard_normal((2, 16, 4)).astype(np.float32) for _ in range(6)]
    two = tuple(Attention(f"pass{n}", *arrays[3 * n : 3 * n + 3], causal=False) for n in range(2))
    known = REAL["rxnmapper-attention"]._replace(read=lambda _: Network("two", two, ()))
    monkeypatch.setitem(REAL, "rxnmapper-attention", known)
    from workloads.sources.pretrained import networks

    networks.read_real.cache_clear() if hasattr(networks.read_real, "cache_clear") else None
    (curve,) = calibrate("rxnmapper-attention", tiles=[(4, 4)], target=0.2).curves
    assert curve.blocks == 2 * 2 * 4 * 4
    assert set(curve.layers) == {"pass0", "pass1"}
    assert np.mean(list(curve.layers.values())) >= 0.2


def test_the_command_prints_and_writes_what_plot_draws(file, typed, tmp_path):
    path = tmp_path / "found.json"
    code, printed = typed("calibrate", file, "--tile", "4x4", "--lengths", "20:40:2", "-o", path)
    assert code == 0
    assert "a exp(b S)" in printed.out
    content = json.loads(path.read_text("utf-8"))
    assert [one["keys"] for one in content["fits"]] == [20, 40]
    assert len(content["points"]) == 2 * len(LAMBDAS)
    axes = plots.draw([path], "calibration")
    assert {line.get_label() for line in axes.lines} >= {"4x4, 20 keys", "4x4, 40 keys"}
    code, printed = typed("calibrate", file, "--tile", "4x4", "--csv")
    assert printed.out.splitlines()[0] == "tile,keys,lambda,factor,share,a,b"
    assert len(printed.out.splitlines()) == 1 + len(LAMBDAS)


def test_dashes_where_nothing_can_be_fitted(file):
    found = calibrate(file, tiles=[(64, 64)])
    (curve,) = found.curves
    assert (curve.fit, curve.thousandths, curve.layers) == (None, None, {})
    document = found.to_dict()
    assert document["tables"][0]["rows"][0][3:6] == ["-"] * 3
    assert document["points"][0]["a"] is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["alexnet-fc8"], "alexnet-fc8: it has no attention (kinds of its layers: fully connected); expected some"),
        ([DECODE, "--target", "1"], "target: it is 1.0; expected a share above 0 and below 1"),
        ([DECODE, "--target", "nan"], "target: it is nan; expected a share above 0 and below 1"),
        ([DECODE, "--tile", "8"], "--tile 8: it is no list of sizes; expected ROWSxKEYS"),
        ([DECODE, "--tile", "0x8"], "tiles: it has 0; expected integers from 1 to 4,096"),
        ([DECODE, "--tile", "8x8,8x8"], "tiles: it has a value twice; expected each value once"),
        ([DECODE, "--lengths", "a"], "--lengths a: it is no list of integers; expected 64,128,512 or 64:512:4"),
        ([DECODE, "--lengths", "9:3:2"], "--lengths 9:3:2: it is no range of lengths; expected first:last:count"),
        ([DECODE, "--lengths", "0"], "lengths: it has 0; expected integers from 1"),
        ([DECODE, "--scale", "0.01", "--lengths", "99"], "a length of 99 is wanted; expected at most its 81 keys"),
        ([DECODE, "--cache-format", "x"], "number format is 'x'; expected one of"),
        ([DECODE, "-o", "x.png"], "x.png: it ends with '.png'; expected a name that ends with .json"),
        ([DECODE, "--json", "--csv"], "both --json and --csv are given; expected one of them"),
        (["nowhere"], "nowhere: there is no such workload"),
    ],
)
def test_what_cannot_be_calibrated_is_a_sentence(arguments, sentence, typed):
    code, printed = typed("calibrate", *arguments)
    assert code == 2
    (line,) = printed.err.splitlines()
    assert sentence in line


def test_arguments_of_the_call(file):
    for wrong in ({"tiles": []}, {"tiles": [(1, 2, 3)]}, {"lengths": [True]}, {"target": "half"}, {"lengths": [2.5]}):
        with pytest.raises(InputError):
            calibrate(file, **wrong)
    with pytest.raises(InputError, match="at most 256 pairs"):
        calibrate(file, lengths=range(1, 130), tiles=[(1, 1), (2, 2)])


def test_lengths_and_tiles_as_text():
    assert parse_lengths("64:512:4") == [64, 128, 256, 512]
    assert parse_lengths("7, 5") == [7, 5]
    assert parse_lengths("1:3:9") == [1, 2, 3]
    assert parse_lengths(None) == []
    assert parse_tiles("128x128, 1x64") == [(128, 128), (1, 64)]
