"""What compression costs, measured: training in numpy on real data, minutes each."""
