"""The machine for pairs as SimPy processes: the definition of the machine."""
