"""Tables on GAMMA's page."""

from docs.measure.commands import answer
from docs.measure.record import Group, Made
from docs.measure.tables import study_table

STUDY = "zeroskip study gamma"


def study() -> Made:
    """The study of the same name."""
    matrices, worth = answer(STUDY)["tables"]
    return Made({}, {"gamma.matrices": study_table(matrices), "gamma.worth": study_table(worth)})


GROUPS = (Group("gamma-study", (STUDY,), study, 30),)
