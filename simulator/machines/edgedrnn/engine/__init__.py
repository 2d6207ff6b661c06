"""EdgeDRNN compiled: equal to the model."""
