"""GAMMA compiled: cycle after cycle, equal to the model."""
