"""The timeline of a run: what each unit did when, in the format of the public viewer (ui.perfetto.dev)."""

from simulator.timeline.perfetto import tell
from simulator.timeline.recording import MOST_EVENTS, Timeline, record

__all__ = ["MOST_EVENTS", "Timeline", "record", "tell"]
