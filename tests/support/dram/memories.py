"""Small DRAMs for tests: as few clocks as possible, or drawn at random."""

from hypothesis import strategies as st

from simulator.hardware.dram.presets import load_dram

NAMES = "bl", "cwl", "rp", "rp_all", "rtp", "wr", "ccd_s", "ccd_l", "rrd_s", "rrd_l", "faw", "wtr_s", "wtr_l", "rtw"
CLOCKS = {**dict.fromkeys(NAMES, 1), "cl": 2, "rcd": 2, "ras": 3, "rc": 4, "rtrs": 0, "rfc": 5, "refi": 60}
QUICK = load_dram("ddr3_1600", **CLOCKS, queue=4, ranks=1)._replace(banks=2, row_lines=4)
"""A line a clock, a core cycle for each clock, rows of four lines, a refresh that is soon due."""


@st.composite
def memories(draw, line_bytes=None):
    """A memory for a core that is faster or slower than it, or none."""
    if draw(st.booleans()):
        return None
    clocks = st.integers(0, 4)
    dram = QUICK._replace(
        core_ps=draw(st.sampled_from([300, 1250, 1700, 5000])),
        row_lines=draw(st.sampled_from([1, 3, 8])),
        banks=draw(st.integers(1, 4)),
        ranks=draw(st.integers(1, 2)),
        queue=draw(st.integers(1, 5)),
        bl=(bl := draw(st.integers(1, 3))),
        ccd_s=bl,
        ccd_l=bl + draw(clocks),
        cl=1 + draw(clocks),
        rcd=draw(clocks),
        rtrs=draw(clocks),
        refi=draw(st.sampled_from([100, 1 << 20])),
    )
    return dram if line_bytes is None else dram._replace(line_bytes=line_bytes)
