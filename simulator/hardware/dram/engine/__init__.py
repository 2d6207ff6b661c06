"""DRAM compiled: equal to the model in every cycle."""
