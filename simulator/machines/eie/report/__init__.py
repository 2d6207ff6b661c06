"""What a run of EIE reports besides its counts."""
