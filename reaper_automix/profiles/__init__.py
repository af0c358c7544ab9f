"""What a balance aims at: the one place where balances other than equal belong.

A profile is a small TOML file that says how far apart roles shall stand. Those of :data:`NAMES`
lie in this folder; a user's own lie in :func:`user_folder` and are called by their name, or
anywhere and are called by their path. :mod:`.reading` reads them, :mod:`.wishes` says what one
means for the tracks of a session, :mod:`.fitting` makes one from finished mixes.
"""

from __future__ import annotations

import difflib
from pathlib import Path

from reaper_automix.errors import SettingsError
from reaper_automix.profiles.profile import Profile
from reaper_automix.profiles.reading import read

__all__ = ["NAMES", "SUFFIX", "Profile", "load", "user_folder"]

NAMES = ("equal", "roles", "rock", "pop", "jazz", "orchestral", "speech")
"""The profiles that are there for everyone; ``equal`` is the published idea."""

SUFFIX = ".toml"
"""What tells a profile's path from its name."""

_HERE = Path(__file__).parent


def load(name: str) -> Profile:
    """The profile of a name or path; :class:`SettingsError` where it is not there or is nonsense.

    >>> load("equal").is_equal
    True
    """
    path = _path(name)
    if path.is_file():
        return read(path)
    if name.endswith(SUFFIX):
        raise SettingsError(f"There is no profile {name}; check the path.")
    close = difflib.get_close_matches(name, NAMES, n=1)
    meant = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(NAMES)}."
    raise SettingsError(f"There is no profile {name!r}, and no {path} of yours; {meant}")


def user_folder() -> Path:
    """Where a user's own profiles lie (``custom.toml``, others), whether or not it exists."""
    from platformdirs import user_config_path

    return user_config_path("reaper-automix", appauthor=False) / "profiles"


def _path(name: str) -> Path:
    if name in NAMES:
        return _HERE / f"{name}{SUFFIX}"
    return Path(name) if name.endswith(SUFFIX) else user_folder() / f"{name}{SUFFIX}"
