"""Training in numpy, so that the accuracy of a compressed network is measured and not assumed."""
