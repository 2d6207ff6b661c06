"""Random machines on random layers, for as long as one likes: `python -m tests.differential --help`."""
