"""From a compressed GRU to what EdgeDRNN reads."""
