"""What a run of SCNN reports besides its counts."""
