"""What a run of a dense machine reports apart from its counts."""
