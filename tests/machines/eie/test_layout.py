"""How a layer is laid out on EIE, and what does not fit."""

import numpy as np
import pytest
from support.layers import PLAIN, drawn, pictured

from simulator.config.load import parse_changes
from simulator.hardware.dram.presets import load_dram
from simulator.hardware.weight_format import WEIGHT_FORMAT
from simulator.machines.eie import MACHINE, engine
from simulator.machines.eie.layout.capacity import capacity, capacity_violations
from simulator.machines.eie.layout.streams import layout, violations
from workloads.errors import InputError
from zeroskip import load_arch

REFILL = "(with dram=none it is filled in no time, and what it fetches is priced all the same)"


def test_figures_of_merit():
    layer = pictured("1 . . 1", [1])
    arch = PLAIN._replace(pes=1, index_bits=1, spmat_width_bits=8)
    run = engine.run(arch, layout(arch, layer)[0])
    found = MACHINE.figures(arch, run.cycles, run.counts).to_dict()
    assert (found["entries"], found["padding_entries"], found["multiplies"]) == (3, 1, 2)
    assert found["work_efficiency"] == 2 / 3
    assert found["theoretical_cycles"] == 3
    assert found["load_balance"] == 3 / 11


@pytest.mark.parametrize(("pes", "nodes"), [(1, 1), (2, 1), (4, 1), (5, 3), (16, 5), (64, 21), (256, 85)])
def test_nodes_of_the_tree(pes, nodes):
    assert MACHINE.units(PLAIN._replace(pes=pes)) == {"machine": 1, "pe": pes, "lnzd_node": nodes, "scale_sram": 0}


@pytest.mark.parametrize(
    "setting",
    [
        "queue_depth=0",
        "weight_bits=9",
        "weight_bits=0",
        "index_bits=9",
        "index_bits=0",
        "activation_bits=8",
        "batching=2",
        "scan_fill=-1",
        "pipeline_stages=0",
        "pes=16385",
        "activation_registers=0",
    ],
)
def test_limits_of_the_architecture(setting):
    key, _, value = setting.partition("=")
    with pytest.raises(InputError, match=rf"{key} is {value} \(set by the user\); expected "):
        load_arch("eie", **parse_changes([setting]))


def test_sram_limits_are_inclusive_and_hold_over_all_passes():
    layer = drawn(5, 12, 40, 1.0, 1.0, bias=False, relu=False)
    arch = PLAIN._replace(pes=2, spmat_bytes=240, pointer_bytes=26)  # 12 x 20 entries, 13 pointers
    assert violations(arch, layout(arch, layer)) == []
    assert violations(arch._replace(spmat_bytes=239), layout(arch, layer)) == [
        f"sparse-matrix SRAM: PE 0 needs 240 entries, 239 fit {REFILL}"
    ]
    assert violations(arch._replace(pointer_bits=7, pointer_bytes=99), layout(arch, layer)) == [
        "pointers: PE 0 ends at entry 240, 7 bits reach 127 (pointer_bits=8 or more PEs are enough)"
    ]
    assert violations(arch._replace(pointer_bits=8), layout(arch, layer)) == []
    several = arch._replace(batching=1, activation_registers=5)
    assert len(layout(several, layer)) == 4
    assert violations(several._replace(pointer_bytes=104), layout(several, layer)) == []
    tight = several._replace(spmat_bytes=239, activation_sram_bytes=39)
    assert violations(tight, layout(tight, layer)) == [
        f"sparse-matrix SRAM: PE 0 needs 240 entries, 239 fit {REFILL}",
        f"pointer SRAM: each PE needs 52 pointers, 13 fit {REFILL}",
        "activation SRAM: a vector has 40 elements, 38 fit",
    ]
    assert violations(arch._replace(activation_registers=19), layout(arch, layer)) == [
        "activation registers: a vector has 40 elements, 38 fit (batching is off)"
    ]


@pytest.mark.parametrize("batching", [0, 1])
def test_a_memory_that_does_not_hold_the_layer_is_filled_segment_by_segment(batching):
    # 12 columns of 20 entries on each of 2 PEs; a fill holds 5 columns of entries (100 of 115) or 3 (pointers: 4)
    layer = drawn(5, 12, 40, 1.0, 1.0, bias=False, relu=False)
    whole = PLAIN._replace(pes=2, batching=batching, activation_registers=20)
    (streams,) = layout(whole, layer)
    assert (streams.dram_lines.sum(), streams.dram_words.sum()) == (0, 0)
    (streams,) = layout(whole._replace(spmat_bytes=115), layer)
    assert streams.batch_start.tolist() == [0, 5, 10, 12]
    assert streams.dram_words.tolist() == [25 + 25 + 10] * 2  # of 4 entries; the pointers stay where they are
    assert streams.dram_lines.tolist() == [-(-2 * 4 * words // 64) for words in (25, 25, 10)]
    (streams,) = layout(whole._replace(pointer_bytes=8), layer)
    assert streams.batch_start.tolist() == [0, 3, 6, 9, 12]
    assert streams.dram_words.tolist() == [4 * 2] * 2  # a segment of 3 columns needs 4 pointers of 16 bits
    (streams,) = layout(whole._replace(spmat_bytes=115, pointer_bytes=8), layer)
    assert streams.batch_start.tolist() == [0, 3, 6, 9, 12]
    assert streams.dram_words.tolist() == [4 * (15 + 2)] * 2


def test_a_column_that_no_memory_holds_is_filled_all_the_same():
    layer = drawn(5, 4, 40, 1.0, 1.0, bias=False, relu=False)
    (streams,) = layout(PLAIN._replace(spmat_bytes=3), layer)
    assert streams.batch_start.tolist() == [0, 1, 2, 3, 4]


def test_passes_lie_behind_each_other_in_dram():
    layer = drawn(5, 12, 40, 1.0, 1.0, bias=False, relu=False)
    first, second = layout(PLAIN._replace(batching=1, activation_registers=10, spmat_bytes=115), layer)
    assert (first.first_line, second.first_line) == (0, first.dram_lines.sum())
    # a pass has 10 entries in each of 12 columns: a fill of 11 columns, and one of the last
    assert first.dram_words.tolist() == second.dram_words.tolist() == [-(-110 // 4) + -(-10 // 4)] * 2


def test_codes_must_fit_the_machines_weight_bits():
    layer = pictured("78", [1, 1])
    with pytest.raises(InputError, match="pictured: it has the code 8; expected codes below 8, as weight_bits is 3"):
        layout(PLAIN._replace(weight_bits=3), layer)
    layout(PLAIN._replace(weight_bits=3), pictured("77", [1, 1]))


def test_a_run_beyond_32_bits_is_refused(monkeypatch):
    from simulator.machines.eie.layout import streams

    monkeypatch.setattr(streams, "MOST_CYCLES", 12)
    with pytest.raises(InputError, match=r"pictured: it may take 14 cycles; expected less than 2\*\*31"):
        layout(PLAIN, pictured("11 11", [1, 1]))


def test_activation_sram_traffic():
    # 7 inputs on 2 PEs x 1 register: batches of 2, 2, 2, 1; each element of 16 bits takes two words of 12
    arch = PLAIN._replace(batching=1, activation_registers=1, activation_sram_width_bits=12)
    passes = layout(arch, pictured("1111111 1111111 1111111", [1] * 7))
    assert [one.outputs for one in passes] == [2, 1]
    assert passes[0].load_cycles.tolist() == [2, 2, 2, 2]
    assert passes[0].sram_reads.tolist() == [8, 6]
    assert [one.write_cycles for one in passes] == [2, 2]
    assert [one.sram_writes.tolist() for one in passes] == [[2, 2], [2, 0]]


def test_a_bias_makes_no_batch_of_its_own():
    arch = PLAIN._replace(batching=1, activation_registers=1)
    streams = layout(arch, pictured("11 11", [1, 1], bias="11"))[0]
    assert (streams.batch_start.tolist(), streams.load_cycles.tolist()) == ([0, 3], [0])


def test_the_paper_machine_number_by_number():
    config = load_arch("eie")
    assert config.arch._asdict() == {
        "pes": 64,
        "queue_depth": 8,
        "scan_fill": 2,
        "pipeline_stages": 4,
        "weight_bits": 4,
        "index_bits": 4,
        "spmat_width_bits": 64,
        "spmat_bytes": 128 * 1024,
        "pointer_bits": 16,
        "pointer_bytes": 32 * 1024,
        "activation_bits": 16,
        "activation_registers": 64,
        "activation_sram_width_bits": 16,
        "activation_sram_bytes": 2 * 1024,
        "batching": 0,
        "preload_bias": 0,
        "scale_across": 0,
        "scale_width_bits": 64,
        "scale_bytes": 32 * 1024,
        "weight_format": WEIGHT_FORMAT.load("codebook", 1250),
        "dram": load_dram("lpddr2_1066", 1250),
    }
    technology = config.technology
    assert (technology.node_nm, technology.clock_mhz) == (45, 800)
    static = {share.component: (share.per, share.value) for share in technology.static_mw}
    assert static["lnzd"] == ("lnzd_node", 0.023)
    area = {share.component: (share.per, share.value) for share in technology.area_um2}
    assert area["lnzd"] == ("lnzd_node", 189)
    prices = {item.event: (item.component, item.pj) for item in technology.energy_pj}
    for free in ("broadcasts", "scan_bubbles", "padding"):
        assert prices[free][1] == 0
    assert prices["activation_sram_reads"] == ("act_read_write", 1.04)
    assert prices["activation_sram_writes"] == ("act_read_write", 0.81)


def test_what_does_not_fit_is_told_from_one_more_on_and_for_the_fullest_pe():
    arch = PLAIN._replace(pes=2, pointer_bits=4, spmat_bytes=16, pointer_bytes=8)  # 16 entries, 16 pointers
    assert capacity(arch)[:2].tolist() == [16, 16]

    def found(entries, pointers=16):
        return capacity_violations(arch, np.array([[3, entries], [pointers, pointers], [0, 0]]), 1)

    assert found(15) == []
    assert found(16) == ["pointers: PE 1 ends at entry 16, 4 bits reach 15 (pointer_bits=5 or more PEs are enough)"]
    assert found(17) == [
        f"sparse-matrix SRAM: PE 1 needs 17 entries, 16 fit {REFILL}",
        "pointers: PE 1 ends at entry 17, 4 bits reach 15 (pointer_bits=5 or more PEs are enough)",
    ]
    assert found(3, 17) == [f"pointer SRAM: each PE needs 17 pointers, 16 fit {REFILL}"]
    small = arch._replace(spmat_bytes=15)  # segments of 15 entries: all pointers reach
    assert capacity_violations(small, np.array([[3, 99], [1, 1], [0, 0]]), 1) == [
        f"sparse-matrix SRAM: PE 1 needs 99 entries, 15 fit {REFILL}"
    ]
