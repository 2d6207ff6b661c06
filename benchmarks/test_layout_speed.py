"""How fast layers are laid out: relative to NumPy's sum over the columns of a table as large as the pointers."""

import resource
import statistics

import numpy as np
import pytest

from workloads.compression.relative_index import encode
from zeroskip import load_workload

PES, INDEX_BITS = 4096, 4


def spent(act):
    """CPU seconds outside the kernel: what fresh pages cost differs fivefold from run to run of a virtual machine."""
    began = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    act()
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - began


@pytest.mark.parametrize("name", ["alexnet-fc6", "vgg16-fc6"])
def test_layout_on_many_pes(name, capsys):
    """It was longer than this sum when it contained it."""
    columns = load_workload(name).layer.columns
    count = np.diff(encode(columns, PES, INDEX_BITS).pointer, axis=0)
    sums = np.zeros_like(count)
    pairs = [
        (spent(lambda: encode(columns, PES, INDEX_BITS)), spent(lambda: np.cumsum(count, axis=0, out=sums)))
        for _ in range(7)
    ]
    mine, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    with capsys.disabled():
        print(f"\n{name} on {PES} PEs: layout {mine:.3f} s of the core, NumPy's sum {theirs:.3f} s, {ratio:.3f} x")
    assert ratio < 0.4
