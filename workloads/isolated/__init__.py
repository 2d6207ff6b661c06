"""Libraries that read what others made, in a process of their own, which may use only so much memory and time."""
