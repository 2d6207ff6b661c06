"""What a run of Eyeriss v2 reports apart from its counts."""
