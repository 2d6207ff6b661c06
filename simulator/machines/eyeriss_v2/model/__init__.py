"""Eyeriss v2 as one SimPy process for each unit: the definition of the machine."""
