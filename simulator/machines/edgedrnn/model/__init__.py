"""EdgeDRNN in SimPy: the definition of the machine."""
