"""One executor for layers and networks: simulate, verify, compare."""
