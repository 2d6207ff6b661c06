"""EdgeDRNN's published figures, and what reproduces them."""
