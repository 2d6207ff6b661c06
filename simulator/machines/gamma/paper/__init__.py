"""GAMMA's published figures, for the files of the named matrices."""
