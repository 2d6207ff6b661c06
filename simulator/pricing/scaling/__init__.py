"""Results at another node: two published sets of factors, and what they make of a result."""
