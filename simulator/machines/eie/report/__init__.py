"""What a run of EIE reports apart from its counts."""
