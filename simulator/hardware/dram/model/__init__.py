"""DRAM as SimPy processes: the definition of its timing."""
