"""How long things take, next to something that has to be done anyway: `python -m benchmarks.speed`."""
