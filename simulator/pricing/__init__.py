"""From counts to energy and area, at the configuration's node or another. Every price has its source."""
