"""Published cycles of SIGMA, simulated, and its studies."""
