"""Text in .npz archives: of characters, or refused; numpy reads any four bytes as one."""

import numpy as np
import pytest

from workloads.errors import InputError
from workloads.sources.npz import load_arrays


def code_points(numbers, order="="):
    """A text of any numbers in place of characters, 0 dimensions, as damaged bytes give it."""
    return np.array(numbers, f"{order}u4").view(f"{order}U{len(numbers)}").reshape(())


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("numbers", "reads"), [([97, 0x10FFFF], True), ([97, 0x110000], False), ([1 << 31], False)])
def test_code_points_beyond_unicode_are_refused(tmp_path, order, numbers, reads):
    path = tmp_path / "a.npz"
    np.savez(path, format=code_points(numbers, order), shape=np.array([[code_points([98])]]), empty=np.array("", "U0"))
    if reads:
        assert str(load_arrays(path)["format"]) == "a\U0010ffff"
        return
    with pytest.raises(InputError) as error:
        load_arrays(path)
    assert str(error.value) == f"{path}: format holds text that is no Unicode; expected numbers, or text of Unicode"
