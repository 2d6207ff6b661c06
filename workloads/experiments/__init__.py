"""Experiments that train: what compression costs in accuracy, measured on real data in numpy, minutes each."""
