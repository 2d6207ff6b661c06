"""Trained networks out of published wheels."""
