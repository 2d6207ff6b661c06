"""Dot products as the units of number formats add them: in plain Python for models, and compiled for engines."""
