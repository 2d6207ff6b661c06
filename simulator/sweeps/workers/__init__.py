"""Processes that run points: here, or on a Dask cluster."""
