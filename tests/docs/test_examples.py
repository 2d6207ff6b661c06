"""The examples in the docstrings of the main entry points do what they say."""

import doctest
from importlib import import_module

import pytest

import zeroskip

MODULES = (
    "zeroskip", "simulator.run.api", "simulator.run.simulate", "simulator.run.executor", "simulator.config.load",
    "simulator.sweeps.api", "simulator.results.store_reader", "workloads.model",
)  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_examples(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)
    assert found.attempted > 0
    assert found.failed == 0


def test_every_public_name_is_there_and_documented():
    assert sorted(zeroskip.__all__) == zeroskip.__all__ == dir(zeroskip)
    assert {name for names in zeroskip._HOMES.values() for name in names} == set(zeroskip.__all__)
    for name in zeroskip.__all__:
        assert getattr(zeroskip, name).__doc__, name
    with pytest.raises(AttributeError, match="module 'zeroskip' has no attribute 'simulat'"):
        zeroskip.simulat  # noqa: B018
