"""Arrays that are given in Python: they are copied, and what only looks like one is refused."""

import numpy as np
import pytest

from workloads.array_checks import copied
from workloads.errors import InputError
from zeroskip import open_model, simulate


class Failing:
    """Says that it is an array or a sparse matrix, and is none."""

    shape = 3, 3

    def __init__(self, sparse):
        if sparse:
            self.tocoo = None

    def __array__(self, *_, **__):
        raise ZeroDivisionError


@pytest.mark.parametrize("named", [True, False])
def test_a_model_keeps_the_numbers_that_it_was_opened_with(named):
    weight, given = np.eye(8, dtype=np.float32), np.ones(8, np.float32)
    model = open_model({"weight": weight, "activation": given}) if named else open_model(weight, activation=given)
    expected = simulate("eie", {"weight": weight.copy(), "activation": given.copy()}).cycles
    weight[:], given[:] = 1, 0
    assert simulate("eie", model).cycles == expected


@pytest.mark.parametrize("sparse", [True, False])
def test_what_only_looks_like_an_array_is_refused(sparse):
    with pytest.raises(InputError, match="it is of type Failing; expected"):
        open_model(Failing(sparse))


def test_an_array_that_does_not_fit_into_memory_is_refused():
    class Huge(np.ndarray):
        def copy(self):
            raise MemoryError

    with pytest.raises(InputError, match=r"weight: it has shape \[4, 4\]; expected an array that fits into memory"):
        copied("weight", np.ones((4, 4), np.float32).view(Huge))


@pytest.mark.parametrize("shape", ["garbage", "7", (4096,), ""])
@pytest.mark.parametrize("run", [("eie", "alexnet-fc8"), ("scnn", "alexnet-conv3"), ("ese", "google-lstm")])
def test_an_input_shape_is_refused_where_a_recipe_has_the_sizes(run, shape):
    with pytest.raises(InputError, match="input_shape is .*; expected"):
        simulate(*run, scale=0.05, input_shape=shape)


def test_a_name_of_nothing_is_quoted():
    with pytest.raises(InputError, match="^'': there is no such configuration"):
        simulate("", "alexnet-fc8")
