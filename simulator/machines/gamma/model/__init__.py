"""GAMMA as SimPy processes: the definition of the machine."""
