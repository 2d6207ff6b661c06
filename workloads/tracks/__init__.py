"""Objects on their way through frames: boxes by frame, what a detector finds of them, and how late."""
