"""Video clips as grey frames, and how little of a frame differs from the one before it."""
