"""Balances multitrack sessions by narrowband loudness, in REAPER projects and folders of stems."""

__version__ = "0.1.0"
