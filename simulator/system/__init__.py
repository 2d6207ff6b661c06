"""Several chips joined by links, in time: topologies, collectives as schedules, a model to read and an engine to run.

Time is in integer picoseconds. `model` (SimPy) and `engine` (Numba) give the same `SystemRun` of a schedule.
"""
