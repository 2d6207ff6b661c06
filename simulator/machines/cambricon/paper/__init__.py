"""What the papers of Cambricon-S and Cambricon-X publish, simulated."""
