"""A camera in front of machines: frames at a rate, queues with a policy, results at their times, and their delay.

Time is in integer picoseconds. `model` (SimPy) and `engine` (Numba) give the same `CameraRun` of a `Camera`.
"""
