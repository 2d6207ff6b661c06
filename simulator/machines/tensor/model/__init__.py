"""The tensor engine as processes: the definition of the machine."""
