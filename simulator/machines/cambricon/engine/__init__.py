"""Cambricon compiled: equal to the model in every cycle, count, letter and bit."""
