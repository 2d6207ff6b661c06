"""Eyeriss v2 compiled: cycles and counts by sums over tiles and inputs, equal to the model's."""
