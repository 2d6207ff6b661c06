"""Rows of layers of one sort: their sums add up to those of the layers, to the last bit."""

from simulator.config.load import load_arch
from simulator.results.joined_rows import join_groups, join_rows
from simulator.results.rows import LayerRow, make_row
from simulator.run.simulate import simulate
from simulator.run.verify import check_output
from workloads.model import load_workload


def rows() -> list[LayerRow]:
    """Three layers of unlike sizes on EIE."""
    config = load_arch("eie", pes=4)
    loaded = [load_workload("alexnet-fc8", scale=0.02 * number) for number in (1, 2, 3)]
    return [
        make_row(f"layer{n}", "fully connected", check_output(simulate(config, one))) for n, one in enumerate(loaded)
    ]


def test_sums_are_those_of_the_layers() -> None:
    """Cycles, bytes, counts, reasons, and energy as its lines add up."""
    several = rows()
    joined = join_rows("three", several)
    assert (joined.layer, joined.layers) == ("three", 3)
    assert joined.cycles == sum(row.cycles or 0 for row in several)
    assert joined.operations == sum(row.operations or 0 for row in several)
    assert joined.details is not None
    for key in ("counts", "cycles_by_reason"):
        for name, value in joined.details[key].items():
            assert value == sum(row.details[key][name] for row in several if row.details)
    total = sum(line["energy_pj"] for line in joined.details["energy_lines"])
    assert abs(joined.details["energy_pj"]["total"] - total) <= 1e-9 * total
    assert joined.energy_uj == joined.details["energy_pj"]["total"] * 1e-12 / 1e-6
    assert joined.output_matches_reference is True


def test_one_wrong_output_shows() -> None:
    """A sum is right where every layer is; not compared where any was not."""
    several = rows()
    wrong = [several[0], several[1]._replace(output_matches_reference=False)]
    unknown = [several[0], several[1]._replace(output_matches_reference=None)]
    assert join_rows("x", wrong).output_matches_reference is False
    assert join_rows("x", unknown).output_matches_reference is None


def test_load_balance_is_a_mean_over_cycles() -> None:
    """A long layer weighs more."""
    several = rows()
    joined = join_rows("x", several)
    assert joined.details is not None
    wanted = sum(row.details["load_balance"] * (row.cycles or 0) for row in several if row.details)
    assert joined.details["load_balance"] == wanted / sum(row.cycles or 0 for row in several)


def test_rows_are_joined_where_the_first_of_them_is() -> None:
    """By group and by the reason not to run; rows without a group stay as they are."""

    def row(name: str, reason: str | None = None) -> LayerRow:
        return LayerRow(name, "k", reason=reason)

    given = [row("a", "no"), row("b", "no"), row("c", "no"), row("d", "other"), row("e", "no")]
    found = join_groups(given, ["x", "", "x", "x", "y"])
    assert [(one.layer, one.reason, one.layers) for one in found] == [
        ("x", "no", 2), ("b", "no", 1), ("x", "other", 1), ("y", "no", 1),
    ]  # fmt: skip
