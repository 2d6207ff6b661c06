"""What all parts of the simulator share: the machine protocol, its registry, runs, traces."""
