"""Trained networks from published Python wheels."""
