"""Timelines of small layers, drawn from simulated traces: a file for each machine, and a line here."""

from docs.generate.timelines import cambricon, edgedrnn, eie, ese, eyeriss_v2, gamma, points, scnn, selection, sigma
from docs.generate.timelines.drawing import draw
from simulator.run.simulate import simulate

TIMELINES = (
    *eie.TIMELINES,
    ese.timeline,
    scnn.timeline,
    sigma.timeline,
    cambricon.timeline,
    eyeriss_v2.timeline,
    edgedrnn.timeline,
    selection.timeline,
    gamma.timeline,
    points.timeline,
)


def pages(_: object) -> dict[str, str]:
    """The drawings by file name."""
    found = {}
    for timeline in (make() for make in TIMELINES):
        trace = simulate(timeline.config, timeline.workload, trace_cycles=timeline.cycles).run.trace
        found[f"drawings/{timeline.name}.svg"] = draw(timeline, trace).svg()
    return found
