"""The tensor engine's studies."""
