"""What else GAMMA reports of a run."""
