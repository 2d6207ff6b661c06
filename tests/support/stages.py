"""Random steps of stages: computation of each chip, exchanges, and which stage needs what was exchanged."""

from hypothesis import strategies as st

from simulator.system.stages import Stage
from support.schedules import networks
from workloads.division import ALL_GATHER, ALL_REDUCE, ALL_TO_ALL, Exchange


@st.composite
def steps(draw, *, even=None):
    """Stages and a network; even: whether all chips compute as long as each other, None: perhaps."""
    network = draw(networks(draw(st.sampled_from([1, 2, 3, 4, 8]))))
    chips, count = network.chips, draw(st.integers(1, 5))
    stages = []
    for place in range(count):
        same = even if even is not None else draw(st.booleans())
        time = st.integers(0, 50)
        ps = (draw(time),) * chips if same else draw(st.tuples(*[time] * chips))
        exchange = draw(st.none() | exchanges(chips))
        stages.append(Stage(ps, exchange, draw(st.integers(place + 1, count))))
    return stages, network


@st.composite
def exchanges(draw, chips):
    kind = draw(st.sampled_from([ALL_REDUCE, ALL_GATHER, ALL_TO_ALL, "uneven"]))
    if kind != "uneven":
        return Exchange(kind, draw(st.integers(1, 60)))
    share = st.sampled_from([0, 5, 9])
    rows = [[draw(share) if one != other else 0 for other in range(chips)] for one in range(chips)]
    return Exchange(ALL_TO_ALL, 0, tuple(map(tuple, rows)))
