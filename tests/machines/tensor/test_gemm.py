"""The study of matrix products."""

import pytest

from simulator.machines.tensor.paper import gemm
from zeroskip import load_arch


def test_the_tables_hold_every_product(monkeypatch):
    monkeypatch.setattr(gemm, "TOKENS", (1, 64))
    monkeypatch.setattr(gemm, "FORMATS", ("fp8", "nvfp4"))
    monkeypatch.setattr(gemm, "SIDE", 1024)
    said = []
    found = gemm.study(0, said.append)
    products, shapes = found["tables"]
    assert [row[:3] for row in products["rows"]] == [
        [name, tokens, form] for name in gemm.CONFIGURATIONS for tokens in ("1", "64") for form in ("fp8", "nvfp4")
    ]
    assert {row[-1] for row in products["rows"] if row[2] == "fp8"} == {"1.00"}
    assert len(shapes["rows"]) == len(gemm.SHAPES)
    assert len(said) == 4
    assert len(found["points"]) == 8


@pytest.mark.parametrize(("tokens", "bound"), [(1, "bytes"), (4096, "products")])
def test_what_decides_the_time(tokens, bound):
    row = gemm.run_product(load_arch("tensor_b200"), tokens, 4096, 4096)
    assert row.bound == bound
    assert row.tops <= 10_010
    assert row.terabytes <= 8.01
