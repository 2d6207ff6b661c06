"""Faults on purpose: kills, full disks, damaged files, closed streams, folders that nobody may read."""
