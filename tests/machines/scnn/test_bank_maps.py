"""SCNN's bank maps and the limits that a configuration may switch off."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.scnn_layers import PLAIN, convolution, drawn_layers, machines

from simulator.core.run import first_difference
from simulator.machines.scnn.engine import run as engine
from simulator.machines.scnn.layout.planes import channels_per_group
from simulator.machines.scnn.layout.streams import layout, stored_activations, violations
from simulator.machines.scnn.model import units as model
from simulator.machines.scnn.model.tile import Tile
from zeroskip import load_arch


@given(machines, drawn_layers)
def test_a_linear_map_is_the_address_modulo_the_banks(arch, layer):
    arch = arch._replace(linear_banks=1)
    (streams,) = layout(arch, layer)
    rows, columns = streams.planes.pitch
    for number, doing in enumerate(streams.rounds):
        for pe in range(arch.pes):
            tile = Tile(streams, number, pe)
            top, left = tile.region[:2]
            for k in tile.output_channels():
                for y, x in np.ndindex(rows, columns):
                    address = np.ravel_multi_index((k - doing.first_output, y, x), (doing.outputs, rows, columns))
                    assert tile.bank(arch, (k, top + y, left + x)) == address % arch.banks


def test_channels_that_share_a_bank_stall_only_with_the_linear_map():
    # a region of 1 x 8 sums in 8 banks: a weight of each of 4 channels and one activation meet in one bank
    layer = convolution(np.ones((4, 1, 1, 1)), np.ones((1, 1, 8)))
    arch = PLAIN._replace(columns=1, weights_per_vector=4, activations_per_vector=1, queue_depth=2, bank_step=1)
    stalls = []
    for linear in (0, 1):
        (streams,) = layout(arch._replace(linear_banks=linear), layer)
        run = engine.run(arch._replace(linear_banks=linear), streams, 100)
        assert first_difference(model.run(arch._replace(linear_banks=linear), streams, 100), run) is None
        stalls.append(int(run.reasons.bank_stall.sum()))
    # 4 products wait for 2 slots: the first step's last pair enters after 2 cycles, and so on while the queue is full
    assert stalls[0] == 0
    assert stalls[1] > 8


def test_without_limits_a_layer_is_whole_and_the_excess_is_said():
    arch = PLAIN._replace(iaram_bytes=5, bank_entries=2, fit_iaram=0, fit_accumulators=0, group_channels=3)
    layer = convolution(np.ones((4, 1, 3, 3)), np.ones((1, 6, 6)))
    (streams,) = layout(arch, layer)
    assert len(streams.planes.tile) == 1
    assert [doing.outputs for doing in streams.rounds] == [3, 1]
    assert channels_per_group(arch._replace(group_channels=0), streams.planes, 4) == 4
    stored = stored_activations(streams)[0]
    assert violations(arch, (streams,)) == [
        f"IARAM: PE 0 needs {stored[0]} entries for its whole tile, 2 fit"
        " (the rest comes from DRAM: energy is counted, time is not)",
        f"accumulators: the regions of 3 channels have {3 * np.prod(streams.planes.pitch)} sums, 16 fit",
    ]
    counts = engine.run(arch, streams).counts
    assert counts.dram_input_bytes.tolist() == [-(-20 * one // 8) for one in stored]


@given(machines, drawn_layers, st.integers(1, 3))
def test_limits_that_hold_anyway_change_nothing(arch, layer, channels):
    roomy = arch._replace(iaram_bytes=1 << 16, bank_entries=1 << 16, group_channels=channels)
    free = roomy._replace(fit_iaram=0, fit_accumulators=0)
    runs = [engine.run(one, layout(one, layer)[0]) for one in (roomy._replace(fit_iaram=1, fit_accumulators=1), free)]
    assert first_difference(*runs) is None


@pytest.mark.parametrize("key", ["group_channels", "linear_banks", "fit_iaram", "fit_accumulators"])
def test_the_machine_of_the_paper_is_the_shipped_one_but_for_what_its_simulator_did(key):
    ours, shipped = load_arch("scnn_paper").arch._asdict(), load_arch("scnn_8x8").arch._asdict()
    changed = {name for name in ours if ours[name] != shipped[name]}
    assert changed == {*("linear_banks", "queue_depth", "group_channels", "fit_iaram", "fit_accumulators", "dram")}
    assert ours[key] == {"group_channels": 8, "linear_banks": 1, "fit_iaram": 0, "fit_accumulators": 0}[key]
