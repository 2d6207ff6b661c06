"""Pictures of results and studies.

Each function takes a DataFrame and a title, and returns the Axes that it drew on, or a list of them. Its docstring
lists the columns that the frame must have. `plots.kinds` has all pictures by name; `results.frames` reads the frames
from files.
"""

from simulator.plots.activity import occupancy, utilisation
from simulator.plots.attention import calibration, skipping
from simulator.plots.breakdowns import energy, latency
from simulator.plots.front import pareto
from simulator.plots.gantt import GANTT_PARTS, schedule
from simulator.plots.kinds import KINDS, PictureKind, draw
from simulator.plots.papers import errors, published
from simulator.plots.roofs import roofline
from simulator.plots.savings import waterfall
from simulator.plots.search import exploration
from simulator.plots.stored import storage, weights
from simulator.plots.studies import MEASURES, balance, granularity
from simulator.plots.style import save, show
from simulator.plots.sweeps import density, padding, queue_depth, speedup

__all__ = [
    "GANTT_PARTS", "KINDS", "MEASURES", "PictureKind", "balance", "calibration", "density", "draw", "energy",
    "errors", "exploration", "granularity", "latency", "occupancy", "padding", "pareto", "published", "queue_depth",
    "roofline", "save", "schedule", "show", "skipping", "speedup", "storage", "utilisation", "waterfall", "weights",
]  # fmt: skip
