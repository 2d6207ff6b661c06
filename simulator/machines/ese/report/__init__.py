"""What a run of ESE reports besides its counts."""
