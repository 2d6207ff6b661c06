"""Figures on the page about points."""

from docs.measure.commands import answer
from docs.measure.record import Group, Made
from docs.measure.tables import study_table

POINTS, POOLING = "zeroskip study points", "zeroskip study pooling"


def points() -> Made:
    """The study of sparse convolutions."""
    layers, dataflows, mappings = answer(POINTS)["tables"]
    return Made(
        {},
        {
            "points.layers": study_table(layers),
            "points.dataflows": study_table(dataflows, 2),
            "points.mappings": study_table(mappings),
        },
    )


def pooling() -> Made:
    """The study of BEV pooling."""
    ways, balances = answer(POOLING)["tables"]
    return Made({}, {"pooling.ways": study_table(ways, 2), "pooling.balances": study_table(balances)})


GROUPS = (Group("points", (POINTS,), points, 30), Group("pooling", (POOLING,), pooling, 30))
