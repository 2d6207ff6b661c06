"""How much of an exhaustive front a search finds, next to random points: `python -m benchmarks.explore`."""
