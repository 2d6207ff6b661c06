import numpy as np
import pytest

from simulator.core.trace import TraceRecorder, show


def test_a_story_is_written_down_cycle_by_cycle():
    timeline = TraceRecorder(2)
    timeline.fill(0, "w", 2)
    timeline.fill(0, "m", 5)
    timeline.fill(1, ".", 5)
    assert show(timeline.letters(5)) == "wwmmm\n....."
    assert show(timeline.letters(3)) == "wwm\n..."
    np.testing.assert_array_equal(timeline.count("m", range(2)), [3, 0])
    np.testing.assert_array_equal(timeline.count("wm", range(2)), [5, 0])


def test_a_cycle_cannot_be_recorded_twice():
    timeline = TraceRecorder(1)
    timeline.fill(0, "m", 4)
    with pytest.raises(RuntimeError, match="unit 0 is recorded until cycle 4, and again from 3 on"):
        timeline.fill(0, "w", 3)


def test_length_zero_is_off():
    assert TraceRecorder(3).letters(0).shape == (3, 0)
