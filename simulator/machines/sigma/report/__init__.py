"""What else SIGMA reports of a run."""
