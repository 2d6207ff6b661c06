"""From counts to energy, area and other nodes: prices, each with its source."""
