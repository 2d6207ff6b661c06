"""What a run of Cambricon reports apart from its counts."""
