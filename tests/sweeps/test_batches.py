"""How many points go to a worker together."""

import math
from itertools import count

import pytest

from simulator.sweeps import batches
from simulator.sweeps.batches import LOAD_SECONDS, MOST_TASKS, TARGET_SECONDS, Scheduler, load_seconds
from simulator.sweeps.points import make_point
from simulator.sweeps.workers.messages import Task

SMALL = [("scale", 0.01)]


def tasks(count, workload="alexnet-fc7", seeds=1):
    """Points of one layer after another: the seed changes after each part of them."""
    part = -(-count // seeds)
    for number in range(count):
        settings = [*SMALL, ("seed", number // part), ("queue_depth", 1 + number % part)]
        yield Task(number, make_point("eie", workload, settings), "")


def sizes(scheduler, **more):
    found = []
    while not scheduler.empty:
        found.append(len(scheduler.next_batch(**more).tasks))
    return found


def measured(seconds, count):
    """A scheduler that has seen one point take so long."""
    scheduler = Scheduler(tasks(count))
    first = scheduler.next_batch()
    for number in list(scheduler.under_way[first.number]):
        scheduler.finish(first.number, number, seconds)
    return scheduler


@pytest.mark.parametrize("seconds", [0.01, 0.02, 0.1])
def test_a_batch_takes_as_long_as_it_should(seconds):
    scheduler = measured(seconds, 3000)
    load = load_seconds(next(tasks(1)).point)
    assert load < TARGET_SECONDS
    assert len(scheduler.next_batch().tasks) == math.ceil((TARGET_SECONDS - load) / seconds)


def test_a_point_that_takes_longer_than_a_batch_goes_alone():
    assert set(sizes(measured(1.0, 1000))) == {1}


def test_a_batch_has_no_more_points_than_a_message_should_hold():
    scheduler = measured(1e-9, 4 * MOST_TASKS)
    assert len(scheduler.next_batch().tasks) == MOST_TASKS


def test_points_of_several_small_layers_share_a_batch_until_they_would_take_too_long():
    found = sizes(Scheduler(tasks(400, seeds=400)))
    assert found[0] > 1
    assert max(found) <= TARGET_SECONDS / LOAD_SECONDS


def test_points_of_one_layer_stay_together_for_several_loads(monkeypatch):
    monkeypatch.setattr(batches, "load_seconds", lambda _: 0.2)
    scheduler = measured(0.01, 2000)
    assert len(scheduler.next_batch(loads=1).tasks) == math.ceil((TARGET_SECONDS - 0.2) / 0.01)
    assert len(scheduler.next_batch(loads=10).tasks) == math.ceil((10 * 0.2 - 0.2) / 0.01)


def test_the_speed_of_a_layer_follows_what_is_measured_slowly():
    scheduler = measured(0.02, 3000)
    batch = scheduler.next_batch()
    point = batch.tasks[0].point
    scheduler.finish(batch.number, batch.tasks[0].number, 0.07)
    assert scheduler.run_seconds(point) == pytest.approx(0.8 * 0.02 + 0.2 * 0.07)
    scheduler.finish(batch.number, batch.tasks[1].number, 1e6)  # an interruption counts as ten times as long
    assert scheduler.run_seconds(point) == pytest.approx(0.03 * (0.8 + 0.2 * 10))


def test_batches_of_one_executor_have_ascending_numbers_whichever_scheduler_cuts_them():
    """A worker that gave back a batch skips those with smaller numbers."""
    numbers = count(1)
    first = Scheduler(tasks(3), numbers)
    begun = first.next_batch()
    first.close(begun.number, lost=False)
    second = Scheduler(tasks(3), numbers)
    assert [begun.number, first.next_batch().number, second.next_batch().number] == [1, 2, 3]
