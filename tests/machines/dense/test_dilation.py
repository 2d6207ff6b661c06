"""A dilated kernel has as many weights as a plain one: the dense machines take the same time for both."""

import numpy as np
import pytest

from zeroskip import check, run

RNG = np.random.default_rng(6)
WEIGHT, IMAGE = RNG.standard_normal((20, 33, 3, 2)), np.abs(RNG.standard_normal((33, 14, 15)))


def layer(dilation):
    """Padding keeps the output 14 x 15, whatever the dilation."""
    down, across = dilation
    padding = [down, across // 2, down, across - across // 2]
    return {"weight": WEIGHT, "activation": IMAGE, "dilation": list(dilation), "padding": padding}


@pytest.mark.parametrize("machine", ["dcnn", "dcnn_opt"])
@pytest.mark.parametrize("dilation", [(2, 1), (1, 3), (3, 2)])
def test_the_same_cycles_and_dot_products(machine, dilation):
    plain, dilated = (run(machine, layer(one)).single for one in ((1, 1), dilation))
    assert dilated.run.cycles == plain.run.cycles
    assert dilated.run.counts.dot_products.tolist() == plain.run.counts.dot_products.tolist()
    assert dilated.to_dict()["counts"]["weight_reads"] == plain.to_dict()["counts"]["weight_reads"]
    small = {**layer(dilation), "weight": WEIGHT[:4, :3], "activation": IMAGE[:3]}
    assert check(machine, small)[0].difference is None
