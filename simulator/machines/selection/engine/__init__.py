"""The selection unit to be run: compiled, equal to the model in every cycle, count and bit."""
