"""What else the machine for BEV pooling reports of a run."""
