"""Studies that simulate real networks."""
