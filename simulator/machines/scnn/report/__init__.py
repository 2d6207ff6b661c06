"""What a run of SCNN reports apart from its counts."""
