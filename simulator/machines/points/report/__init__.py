"""What else the machine for pairs reports of a run."""
