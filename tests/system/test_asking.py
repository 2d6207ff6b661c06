"""What is asked of a step is checked before anything runs, and of any type."""

import pytest

import zeroskip
from workloads.errors import InputError


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"chips": 1}, "chips is 1: it is no list of numbers; expected"),
        ({"chips": None}, "chips is None: it is no list of numbers"),
        ({"chips": b"12"}, "chips is b'12': it is no list of numbers"),
        ({"chips": {1: 2}}, "chips is {1: 2}: it is no list of numbers"),
        ({"settings": "link"}, "settings is 'link': it is no mapping; expected numbers of the system by key"),
        ({"settings": 3}, "settings is 3: it is no mapping"),
        ({"collective": ["ring"]}, "there is none of this name; expected fastest, ring, or one of"),
        ({"collective": {}}, "collective is {}: there is none of this name"),
        ({"share": True}, "the share that is sent is True; expected more than 0 and at most 1"),
    ],
)
def test_an_argument_of_another_type_is_refused(settings, sentence):
    with pytest.raises(InputError) as error:
        zeroskip.system("dgc64", "alexnet", train=True, **settings)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("system", "workload", "train", "chips", "sentence"),
    [
        ("tree_16", "alexnet", True, [3], "tree_16: --chips has 3 of a tree; expected 1 or 16"),
        ("tp8", "alexnet", True, [1, 9], "tp8: --chips has 9; expected 1 to 8"),
        ("tp8", "nemotron3-nano", False, [1, 3], "its 32 heads do not split evenly over 3 chips"),
    ],
)
def test_a_number_of_chips_is_refused_before_anything_runs(monkeypatch, system, workload, train, chips, sentence):
    def runs(*_):
        raise AssertionError

    monkeypatch.setattr("simulator.system.chip_work.run_model", runs)
    monkeypatch.setattr("simulator.system.training.run_model", runs)
    with pytest.raises(InputError) as error:
        zeroskip.system(system, workload, train=train, chips=chips, machine="tensor_h200")
    assert sentence in str(error.value)
