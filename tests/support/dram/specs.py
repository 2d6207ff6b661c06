"""Small memories, traces, both twins at work, and a naive checker of commands."""

from itertools import combinations

import numpy as np
import simpy
from hypothesis import strategies as st

from simulator.hardware.dram.engine import scheduler as engine
from simulator.hardware.dram.engine.state import counts_of, initial_state
from simulator.hardware.dram.model.channel import Channel
from simulator.hardware.dram.presets import load_dram, presets
from simulator.hardware.dram.spec import FIELDS, Dram, lines_per_channel, mapping_code

PRESETS = tuple(presets())


def small(name="ddr3_1600", **changes):
    """A preset with few rows, so that lines meet, and frequent refresh."""
    return load_dram(name, **{"rows": 8, "row_lines": 4, **changes})


@st.composite
def memories(draw, cores=(None,)):
    """Memories of any kind: a preset with another shape, order of addresses, queue, bank groups and refresh."""
    parts = list(draw(st.permutations(FIELDS)))
    dram = small(
        draw(st.sampled_from(PRESETS)),
        ranks=draw(st.integers(1, 3)),
        groups=draw(st.sampled_from([1, 2, 4])),
        banks=draw(st.sampled_from([1, 2, 4])),
        queue=draw(st.sampled_from([1, 2, 3, 8, 32])),
        mapping="".join(parts) + "Ch",
        core_ps=draw(st.sampled_from(cores)),
    )
    longer = {
        key: getattr(dram, key) + draw(st.integers(0, 3)) for key in ("ccd_l", "rrd_l", "wtr_l", "rp_all", "rtrs", "rc")
    }
    rfc = draw(st.sampled_from([dram.rfc, 3]))
    refi = max(dram.refi // draw(st.sampled_from([1, 4])), 2 * rfc + 300)
    return dram._replace(**longer, rfc=rfc, refi=refi)


@st.composite
def traces(draw, dram, longest=80):
    """Lines, kinds and arrivals; clusters of neighbours, repeated lines, bursts of arrivals and long pauses."""
    n, seed = draw(st.integers(1, longest)), draw(st.integers(0, 1 << 30))
    span, pause, writes = draw(st.integers(1, 200)), draw(st.sampled_from([0, 1, 5, 60, 3000])), draw(st.floats(0, 1))
    rng = np.random.default_rng(seed)
    line = rng.integers(0, span, n) * rng.choice([1, 1, 4, 16], n) % lines_per_channel(dram)
    arrival = np.cumsum(rng.integers(0, pause + 1, n) * (rng.random(n) < 0.5))
    return line, (rng.random(n) < writes).astype(np.int64), arrival


def by_engine(dram, line, write, arrival):
    """Completions, and counts until all is done."""
    state = initial_state(dram, line.size)
    end = int(engine.serve_channel(dram, state, line, write, arrival))
    engine.advance(dram, state, end)
    return state.done[: line.size].tolist(), counts_of(dram, [state], end)


def by_model(dram, line, write, arrival):
    """The same in SimPy, where a cycle is a memory clock; and the log of commands."""
    assert dram.core_ps == dram.tck_ps
    env = simpy.Environment()
    channel = Channel(env, dram)
    done = []

    def story():
        events = []
        for i in range(line.size):
            yield env.timeout(max(0, int(arrival[i]) - int(env.now)))
            events.append(channel.push(int(line[i]), bool(write[i])))
        for event in events:
            done.append((yield event))

    env.run(until=env.process(story()))
    end = int(env.now)
    return done, channel.counts(max(done)), channel.controller.log[:], end


def violations(dram: Dram, log):
    """Pairs of commands that are too close, by the standard's names, and commands that do not fit the banks' states."""
    found = []
    for one, other in combinations(log, 2):
        apart = other.clock - one.clock
        found += [(name, one, other) for name, least in limits(dram, one, other) if apart < least]
    for rank in range(dram.ranks):
        opened = [command for command in log if command.kind == "ACT" and command.where[0] == rank]
        found += [("tFAW", a, b) for a, b in zip(opened, opened[4:], strict=False) if b.clock - a.clock < dram.faw]
    return found + bus_conflicts(dram, log) + wrong_states(log)


def limits(dram, one, other):
    """The least distances between two commands, in this order."""
    pair = f"{one.kind}>{other.kind}"
    rank, group, bank = (one.where[: i + 1] == other.where[: i + 1] and len(one.where) > i for i in range(3))
    data = dram.cwl + dram.bl
    yield "command bus", 1
    if not rank:
        return
    if pair == "ACT>ACT":
        yield "tRC", dram.rc if bank else 0
        yield "tRRD", dram.rrd_l if group else dram.rrd_s
    elif pair in ("ACT>RD", "ACT>WR"):
        yield "tRCD", dram.rcd if bank else 0
    elif pair in ("ACT>PRE", "ACT>PREA"):
        yield "tRAS", dram.ras if bank or other.kind == "PREA" else 0
    elif pair in ("RD>PRE", "RD>PREA"):
        yield "tRTP", dram.rtp if bank or other.kind == "PREA" else 0
    elif pair in ("WR>PRE", "WR>PREA"):
        yield "tWR", data + dram.wr if bank or other.kind == "PREA" else 0
    elif pair in ("RD>RD", "WR>WR"):
        yield "tCCD", dram.ccd_l if group else dram.ccd_s
    elif pair == "WR>RD":
        yield "tWTR", data + (dram.wtr_l if group else dram.wtr_s)
    elif pair == "PRE>ACT":
        yield "tRP", dram.rp if bank else 0
    elif pair == "PRE>REF":
        yield "tRP", dram.rp
    elif pair in ("PREA>ACT", "PREA>REF"):
        yield "tRPab", dram.rp_all
    elif one.kind == "REF":
        yield "tRFC", dram.rfc


def bus_conflicts(dram, log):
    """Bursts that overlap, or follow too closely where the rank changes, or a read's end and a rank's own write."""
    bursts = []
    for command in log:
        if command.kind in ("RD", "WR"):
            begin = command.clock + (dram.cl if command.kind == "RD" else dram.cwl)
            bursts.append((begin, begin + dram.bl, command))
    found = []
    for (_, end, one), (begin, _, other) in zip(sorted(bursts), sorted(bursts)[1:], strict=False):
        gap = dram.rtrs if one.where[0] != other.where[0] else dram.rtw if (one.kind, other.kind) == ("RD", "WR") else 0
        if begin < end + gap:
            found.append(("data bus", one, other))
    return found


def wrong_states(log):
    """Commands that a bank's state forbids."""
    rows, found = {}, []
    for command in log:
        clock, kind, where, row = command
        mine = [bank for bank in rows if bank[0] == where[0]]
        wrong = {
            "ACT": where in rows,
            "PRE": where not in rows,
            "PREA": not mine,
            "REF": bool(mine),
            "RD": rows.get(where) != row,
            "WR": rows.get(where) != row,
        }
        if wrong[kind]:
            found.append(("state", clock, command))
        if kind == "ACT":
            rows[where] = row
        elif kind == "PRE":
            rows.pop(where, None)
        elif kind == "PREA":
            rows = {bank: open_row for bank, open_row in rows.items() if bank not in mine}
    return found


def open_page(dram):
    """Lines of a memory whose addresses are: column, then bank, then row (one rank, one group)."""
    assert (dram.ranks, dram.groups, dram.mapping) == (1, 1, mapping_code("RoRaBaCoCh"))
    return lambda row, bank=0, column=0: column + dram.row_lines * (bank + dram.banks * row)
