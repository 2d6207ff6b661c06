"""ESE, the Efficient Speech Recognition Engine (Han et al., FPGA 2017): sparse LSTMs, many voices at once."""
