"""A demo session that needs no recordings: a song played by computed instruments."""

from reaper_automix.demo.session import make

__all__ = ["make"]
