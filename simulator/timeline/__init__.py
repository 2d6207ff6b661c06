"""The timeline of a run: what each unit does in each cycle, in the format of the viewer at ui.perfetto.dev."""

from simulator.timeline.network import NetworkTimeline, network_to_dict, record_network
from simulator.timeline.perfetto import to_dict
from simulator.timeline.recording import MOST_EVENTS, Timeline, record

__all__ = ["MOST_EVENTS", "NetworkTimeline", "Timeline", "network_to_dict", "record", "record_network", "to_dict"]
