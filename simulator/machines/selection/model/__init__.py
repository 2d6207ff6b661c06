"""The selection unit as SimPy processes."""
