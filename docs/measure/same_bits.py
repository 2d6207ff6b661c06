"""Figures on the page of equal bits on any number of chips."""

from docs.measure.commands import answer
from docs.measure.numbers import plain
from docs.measure.record import Group, Made
from docs.measure.tables import study_table

STUDY = "zeroskip study tbik --seeds 3"


def study() -> Made:
    """The study of the same name."""
    found = answer(STUDY)
    names = "products", "machines", "costs", "generated"
    made = {f"tbik.{name}": study_table(one) for name, one in zip(names, found["tables"], strict=True)}
    rounding = [row for row in found["machines"] if row.get("ring", 0) and row["chips"] > 1]
    shares = [row["ring"] for row in rounding]
    ratios = [row["ratio"] for row in found["machines"] if "ratio" in row and "bf16" in row["config"]]
    ring = [row for row in found["generated"] if row["order"] == "ring"]
    tree = [row for row in found["generated"] if row["order"] == "tree"]
    figures = {
        "tbik.least": plain(100 * min(shares)),
        "tbik.most": plain(100 * max(shares)),
        "tbik.tree": plain(100 * max(row["tree"] for row in found["machines"] if "tree" in row)),
        "tbik.cost-one": plain(100 * (ratios[0] - 1)),
        "tbik.cost-eight": plain(100 * (ratios[-1] - 1)),
        "tbik.texts": plain(100 * sum(row["texts"] for row in ring) / len(ring), 1),
        "tbik.tokens": plain(100 * sum(row["tokens"] for row in ring) / len(ring), 2),
        "tbik.logits": plain(100 * sum(row["logits"] for row in ring) / len(ring)),
        "tbik.tree-logits": plain(100 * max(row["logits"] for row in tree)),
    }
    return Made(figures, made)


GROUPS = (Group("tbik", (STUDY,), study, 200),)
