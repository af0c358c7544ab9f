"""The network that hears stems and reference and says the settings, for those who have weights."""
