"""Where the user's measurements are kept, and how much room they may take."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from reaper_automix.cache.store import MOST_BYTES, Store

FOLDER_VARIABLE = "REAPER_AUTOMIX_CACHE"
"""Environment variable that puts measurements into another folder; empty: nothing is kept."""

LIMIT_VARIABLE = "REAPER_AUTOMIX_CACHE_MB"
"""Environment variable that says how many MB they may take; 0: nothing is kept."""

_MB = 10**6


def home() -> Path | None:
    """The folder of the user's measurements; ``None`` where nothing is to be kept."""
    elsewhere = os.environ.get(FOLDER_VARIABLE)
    if elsewhere is not None:
        return Path(elsewhere).absolute() if elsewhere else None
    from platformdirs import user_cache_path

    return user_cache_path("reaper-automix", appauthor=False) / "measurements"


def kept() -> Store | None:
    """The user's measurements; ``None`` where nothing is to be kept."""
    folder, most_bytes = home(), _most_bytes()
    return Store(folder, most_bytes) if folder and most_bytes else None


def obstacles() -> Iterator[str]:
    """What is wrong with where and how much is to be kept, as sentences."""
    said = os.environ.get(LIMIT_VARIABLE)
    if said is not None and _stated_bytes(said) is None:
        yield (
            f"{LIMIT_VARIABLE} is {said!r}, which is no number of MB, so the usual limit holds; "
            "write it as in 500."
        )
    folder = home()
    if folder is not None and (obstacle := _obstacle(folder)):
        yield (
            f"{folder} {obstacle}, so nothing can be kept there; name a folder in "
            f"{FOLDER_VARIABLE}."
        )


def _obstacle(folder: Path) -> str | None:
    """Why a folder is none and cannot become one."""
    try:
        return "is a file" if folder.exists() and not folder.is_dir() else None
    except OSError as error:
        return f"cannot be reached ({error.strerror})"


def _most_bytes() -> int:
    """The limit; what is no number of MB does not count."""
    stated = _stated_bytes(os.environ.get(LIMIT_VARIABLE, ""))
    return MOST_BYTES if stated is None else stated


def _stated_bytes(megabytes: str) -> int | None:
    try:
        return max(0, int(float(megabytes) * _MB))
    except (ValueError, OverflowError):
        return None
