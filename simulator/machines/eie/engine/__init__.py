"""EIE compiled: the model's equal, without stepping cycles."""

from simulator.machines.eie.engine.run import run as run
from simulator.machines.eie.engine.run import run_without_output as run_without_output
from simulator.machines.eie.engine.timing import time_pass as time_pass
