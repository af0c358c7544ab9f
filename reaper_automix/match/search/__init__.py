"""The search for settings without a network: how a mix sounds, and what brings it nearer."""
