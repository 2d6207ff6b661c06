"""Training in numpy, small and clear, so that accuracy is measured and not assumed."""
