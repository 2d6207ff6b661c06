"""From a matrix product to tiles, steps, and the lines of DRAM that they read."""
