"""What machines ask of DRAM: as many lines as they count, and when served again as late as the machine waited."""

import numpy as np
import pytest
from support.configurations import formats
from support.dram_pushes import check_requests
from typer.testing import CliRunner

from simulator.cli import app
from simulator.core.registry import find
from simulator.hardware.dram.engine.memory import serve
from simulator.hardware.dram.spec import to_clock, to_cycle
from simulator.machines.ese.arch import bursts
from simulator.machines.scnn.layout.dram_map import band_spans, weight_channels
from zeroskip import load_arch, load_workload


def run(config, workload):
    machine = find(config.machine)
    passes = machine.layout(config.arch, workload.layer)
    printed = [machine.run_engine(config.arch, one, output=False) for one in passes]
    return printed, machine.dram_requests(config.arch, passes)


def served(asked):
    """The cycle of the machine in which the last line is there, if all are asked for in the schedule."""
    arrival = np.array([to_clock(asked.dram, int(cycle)) for cycle in asked.cycle])
    return to_cycle(asked.dram, int(serve(asked.dram, asked.line, asked.write, arrival).done.max()))


def test_what_fills_eies_memories_is_asked_for_line_after_line():
    config = load_arch("eie", pointer_bytes=64)
    (printed,), (asked,) = run(config, load_workload("nt-we", scale=0.05))
    words = printed.counts.dram_words.sum()
    assert np.array_equal(asked.line, np.arange(asked.line.size))
    assert -(-4 * words // 32) <= asked.line.size < 4 * words / 32 + np.unique(asked.cycle).size
    assert not asked.write.any()
    # the last fill is the last wait: what is left of the run fits behind it
    assert asked.cycle.max() < served(asked) < printed.cycles


def test_nothing_is_asked_for_where_all_fits_or_no_memory_is_modelled():
    layer = load_workload("nt-we", scale=0.05)
    ((asked,),) = (run(load_arch("eie"), layer)[1],)
    assert asked.line.size == 0
    assert run(load_arch("eie", dram="none"), layer)[1] == []
    assert run(load_arch("ese", dram="none"), load_workload("google-lstm", scale=0.05))[1] == []


@pytest.mark.parametrize("dram", ["ddr3_1600", "lpddr4_3200"])
def test_eses_channels_ask_for_every_line_that_is_counted(dram):
    config = load_arch("ese", dram=dram)
    (printed,), channels = run(config, load_workload("google-lstm", scale=0.05, steps=2))
    counts = printed.counts.dram_weight_lines.sum(), printed.counts.dram_vector_lines.sum()
    for asked, lines in zip(channels, counts, strict=True):
        assert asked.line.size == lines * bursts(config.arch)
        assert (np.diff(asked.cycle) >= 0).all()
        assert asked.cycle.max() < served(asked) <= printed.cycles


@pytest.mark.parametrize("sizes", [{}, {"iaram_bytes": 48}, {"iaram_bytes": 48, "weight_buffer_lines": 4}])
def test_scnn_asks_what_its_model_asks(sizes, monkeypatch):
    config = load_arch("scnn", rows=2, columns=2, **sizes)
    passes = find("scnn").layout(config.arch, load_workload("vgg16-conv3_1", scale=0.15).layer)
    machine = find("scnn")
    printed, found = check_requests(
        monkeypatch,
        lambda: machine.run_model(config.arch, passes[0]),
        lambda: machine.dram_requests(config.arch, passes),
    )
    assert len(found) > 2
    bands = passes[0].planes.tile.shape[0]
    assert (bands > 1) == bool(sizes)
    assert any(one.write.any() for one in found) == (bands > 2)
    size = config.arch.dram.line_bytes
    weights = sum(one.line.size for one in found[: weight_channels(config.arch, passes[0])])
    assert 0 <= weights * size - printed.counts.dram_weight_bytes.sum() < bands * size


@pytest.mark.parametrize("sizes", [{}, {"iaram_bytes": 48}])
def test_where_scnns_data_lie(sizes):
    """Inputs band after band, the sums behind the last; each band but the last moves what the next one needs."""
    config = load_arch("scnn", rows=2, columns=2, **sizes)
    arch, dram = config.arch, config.arch.dram
    (streams,) = find("scnn").layout(arch, load_workload("vgg16-conv3_1", scale=0.15).layer)
    printed = find("scnn").run_engine(arch, streams, output=False)
    bands, spans = streams.planes.tile.shape[0], band_spans(arch, dram, streams)
    assert weight_channels(arch, streams) == arch.dram_channels - (arch.band_channels if bands > 1 else 0)
    assert len(spans) == bands - 1
    if bands == 1:
        return
    inputs = [together[-1] for together in spans]
    assert not any(span.write for span in inputs)
    behind = inputs[0].first_line  # the first band's own inputs lie before
    assert behind > 0
    for span in inputs:
        assert span.first_line == behind
        behind += span.lines
    moved = int(printed.counts.dram_input_bytes.sum())
    assert 0 <= behind * dram.line_bytes - moved < bands * dram.line_bytes
    assert len(spans[0]) == 1
    for band, (out, back, _) in enumerate(spans[1:], 1):
        assert (out.write, back.write) == (True, False)
        assert out[:2] == back[:2] == (behind, out.lines)
        places = int(streams.planes.unfinished[band - 1])
        assert out.lines == -(-places * streams.layer.outputs * arch.sum_bits // (8 * dram.line_bytes))
        behind += out.lines


def test_the_command_writes_a_trace_for_each_channel(tmp_path):
    arguments = ["requests", "ese", "google-lstm", "--scale", "0.05", "-o", str(tmp_path / "out")]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    config = load_arch("ese")
    _, channels = run(config, load_workload("google-lstm", scale=0.05, formats=formats(config)))
    for number, asked in enumerate(channels):
        plain = (tmp_path / "out" / f"channel_{number}.ramulator.trace").read_text().splitlines()
        assert plain == [f"LD {64 * line}" for line in asked.line.tolist()]
        timed = (tmp_path / "out" / f"channel_{number}.dramsim3.trace").read_text().splitlines()
        clocks = [to_clock(asked.dram, cycle) for cycle in asked.cycle.tolist()]
        assert timed == [f"0x{64 * line:X} READ {clock}" for line, clock in zip(asked.line, clocks, strict=True)]
    assert f"channel 1: {channels[1].line.size:,} requests of 64 bytes" in done.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["dcnn", "vgg16-conv5_1"],
            "machine dcnn: it reports no requests; expected a machine that does (eie, ese, scnn",
        ),
        (["eie", "nt-we"], "nt-we: nothing is asked of a DRAM on eie_64pe; expected a layer that needs one"),
        (
            ["cambricon", "alexnet-fc8"],
            "alexnet-fc8: nothing is asked of a DRAM on cambricon_s; expected a memory, as --set dram=hbm2",
        ),
    ],
)
def test_what_asks_nothing_is_a_sentence(arguments, sentence, tmp_path):
    done = CliRunner().invoke(app, ["requests", *arguments, "--scale", "0.05", "-o", str(tmp_path)])
    assert str(done.exception).startswith(sentence)
