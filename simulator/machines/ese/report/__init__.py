"""What a run of ESE reports apart from its counts."""
