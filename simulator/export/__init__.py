"""Results and prices in other tools' formats, and results read back from their JSON."""
