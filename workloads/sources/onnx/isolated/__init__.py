"""Models run in a process of their own, which may use only so much memory and time, and may end."""
