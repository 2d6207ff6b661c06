"""What a run gives, how it is named and stored, and the one reader of stored results."""
