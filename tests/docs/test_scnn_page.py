"""The committed validation of SCNN keeps the bounds that the model was built for."""

import pandas as pd
import pytest
from support.paths import ROOT

ROWS = pd.read_csv(ROOT / "docs" / "validation" / "scnn.csv")


def of(quantity, table, row=None):
    found = ROWS[(ROWS.quantity == quantity) & (ROWS.table == table)]
    return found if row is None else found[found.row == row].iloc[0]


def error(found):
    return (found.simulated / found.published - 1).abs().mean()


def test_figures_keep_their_bounds():
    speed = of("speed_up_over_dcnn", "Fig 9, layers").dropna(subset=["published"])
    assert len(speed) == 13
    assert error(speed) < 0.10
    network = of("speed_up_over_dcnn", "Fig 9, networks", "vgg16")
    assert network.simulated == pytest.approx(network.published, rel=0.03)
    use = of("utilisation_percent", "Fig 10, layers")
    early = use[use.row.str.match(r"vgg16-conv[1-4]")]
    assert len(early) == 10
    assert (early.simulated - early.published).abs().max() < 3
    for quantity, bound in (("energy_of_dcnn_opt_over_dcnn", 0.08), ("energy_over_dcnn", 0.12)):
        bars = of(quantity, "Fig 11, layers").dropna(subset=["published"])
        assert len(bars) == 13
        assert error(bars) < bound
    gain = of("energy_gain_of_dcnn_opt_over_dcnn", "Fig 11, networks", "mean")
    assert gain.simulated == pytest.approx(2.0, rel=0.05)
