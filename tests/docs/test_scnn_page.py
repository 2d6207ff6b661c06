"""SCNN's page shows the means of the committed validation, and these keep the bounds that the model was built for."""

import re

import pandas as pd
import pytest
from support.paths import ROOT

PAGE = (ROOT / "docs" / "scnn.md").read_text("utf-8")
ROWS = pd.read_csv(ROOT / "docs" / "validation" / "scnn.csv")
LAYERS = re.findall(r"\| (conv\d_\d) \| (\S+) \| (\S+) \| \S+ \| (\S+) \| (\S+) \| (\S+) \| (\S+) \|\n", PAGE)


def of(quantity, table, row=None):
    found = ROWS[(ROWS.quantity == quantity) & (ROWS.table == table)]
    return found if row is None else found[found.row == row].iloc[0]


def error(found):
    return (found.simulated / found.published - 1).abs().mean()


def test_the_table_of_layers_shows_means_of_ten_draws():
    assert len(LAYERS) == 13
    for layer, *shown in LAYERS:
        for quantity, table, published, simulated, digits in (
            ("speed_up_over_dcnn", "Fig 9, layers", *shown[:2], 2),
            ("utilisation_percent", "Fig 10, layers", *shown[2:4], 1),
            ("idle_percent", "Fig 10, layers", *shown[4:], 1),
        ):
            row = of(quantity, table, f"vgg16-{layer}")
            assert (row.draws, row.published) == (10, float(published))
            assert f"{row.simulated:.{digits}f}" == simulated


def test_the_mean_error_is_the_one_in_the_text():
    layers = of("speed_up_over_dcnn", "Fig 9, layers").dropna(subset=["published"])
    assert f"The mean error of a layer is {100 * error(layers):.1f} %" in PAGE
    bars = [
        error(of(f"energy{one}_over_dcnn", "Fig 11, layers").dropna(subset=["published"]))
        for one in ("_of_dcnn_opt", "")
    ]
    assert f"| {100 * bars[0]:.1f} % / {100 * bars[1]:.1f} % |" in PAGE


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
