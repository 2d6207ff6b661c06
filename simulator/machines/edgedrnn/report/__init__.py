"""What else EdgeDRNN reports of a run."""
