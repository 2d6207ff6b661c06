"""An open-page DRAM channel.

`spec`: its numbers. `presets`: published ones. `model`: SimPy. `engine`: Numba. `component`: what a configuration sees.
"""
