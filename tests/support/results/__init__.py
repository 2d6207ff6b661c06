"""Stored results, pages and sweeps to test with."""
