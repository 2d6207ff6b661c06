"""The law of the clock edge, each test a small simulation."""

import pytest
import simpy

from simulator.hardware.clock import DeadlockError, Fifo, Register, broadcast, run_to_end


def produce(env, fifo, log, cycles):
    """Push numbers as soon as there is room, at the earliest in the cycles given."""
    for number, cycle in enumerate(cycles):
        yield env.timeout(max(0, cycle - env.now))
        yield fifo.room()
        fifo.push(number)
        log.append(("push", number, env.now))


def consume(env, fifo, log, count, work=1):
    """Pop and work for some cycles."""
    for _ in range(count):
        number = yield fifo.pop()
        log.append(("pop", number, env.now))
        yield env.timeout(work - 1)
        fifo.last_use()
        yield env.timeout(1)


def play(fifo_of, pushes, work, consumer_first=False):
    env, log = simpy.Environment(), []
    fifo = fifo_of(env)
    stories = [produce(env, fifo, log, pushes), consume(env, fifo, log, len(pushes), work)]
    run_to_end(env, stories[::-1] if consumer_first else stories, [fifo])
    return log


@pytest.mark.parametrize("consumer_first", [False, True])
@pytest.mark.parametrize("cycle", [0, 1, 7])
def test_what_is_pushed_in_t_is_popped_in_t_plus_1(cycle, consumer_first):
    log = play(lambda env: Fifo(env, "queue", 4), [cycle], 1, consumer_first)
    assert log == [("push", 0, cycle), ("pop", 0, cycle + 1)]


@pytest.mark.parametrize("consumer_first", [False, True])
def test_a_slot_freed_in_t_is_filled_in_t_plus_1(consumer_first):
    work = 3
    log = play(lambda env: Fifo(env, "queue", 1), [0, 0, 0], work, consumer_first)
    pops = [cycle for what, _, cycle in log if what == "pop"]
    pushes = [cycle for what, _, cycle in log if what == "push"]
    assert pops == [1, 1 + work, 1 + 2 * work]
    assert pushes == [0, pops[0] + 1, pops[1] + 1]


@pytest.mark.parametrize("consumer_first", [False, True])
@pytest.mark.parametrize("work", [1, 2, 5])
def test_a_register_is_written_in_the_cycle_of_its_last_use(work, consumer_first):
    log = play(lambda env: Register(env, "register"), [0, 0, 0], work, consumer_first)
    pops = [cycle for what, _, cycle in log if what == "pop"]
    pushes = [cycle for what, _, cycle in log if what == "push"]
    assert pops == [1, 1 + work, 1 + 2 * work]
    assert pushes == [0, pops[0] + work - 1, pops[1] + work - 1]


def test_a_broadcast_waits_for_the_last_queue():
    env, log = simpy.Environment(), []
    fast, slow = Fifo(env, "fast", 1), Fifo(env, "slow", 1)

    def send():
        for number in range(2):
            yield from broadcast(number, [fast, slow])
            log.append(("push", number, env.now))
            yield env.timeout(1)

    def late():
        yield env.timeout(9)
        yield from consume(env, slow, log, 2)

    run_to_end(env, [send(), consume(env, fast, [], 2), late()], [fast, slow])
    assert log == [("push", 0, 0), ("pop", 0, 9), ("push", 1, 10), ("pop", 1, 11)]


def test_pushing_without_room_is_a_defect():
    env = simpy.Environment()
    fifo = Fifo(env, "queue", 1)
    fifo.push(1)
    with pytest.raises(RuntimeError, match="queue: pushed while full in cycle 0"):
        fifo.push(2)


def test_a_cycle_after_which_nothing_can_move_shows_every_queue():
    env = simpy.Environment()
    one, two = Fifo(env, "one", 2), Fifo(env, "two", 1)

    def wait(fifo, other):
        yield env.timeout(5)
        yield fifo.pop()
        other.push("never")

    with pytest.raises(DeadlockError) as error:
        run_to_end(env, [wait(one, two), wait(two, one)], [one, two])
    assert str(error.value) == (
        "nothing can move after cycle 5. one: 0 of 2 slots in use, waiting: consumer; "
        "two: 0 of 1 slots in use, waiting: consumer"
    )


def test_a_defect_in_a_story_is_not_called_a_deadlock():
    env = simpy.Environment()

    def fail():
        yield env.timeout(1)
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        run_to_end(env, [fail()], [])


def test_a_deadlock_names_who_waits():
    env = simpy.Environment()
    fifo = Fifo(env, "one", 1)

    def fill():
        for _ in range(2):
            yield fifo.room()
            fifo.push(0)
            yield env.timeout(1)

    with pytest.raises(DeadlockError, match="one: 1 of 1 slots in use, waiting: producer$"):
        run_to_end(env, [fill()], [fifo])
