"""TOML files that people write: one sentence for whatever makes them unreadable."""

from __future__ import annotations

import tomllib
from typing import Any

from reaper_automix.errors import SettingsError


def parse(text: str, where: str) -> dict[str, Any]:
    """What a text says; ``where`` names it in the :class:`SettingsError`.

    Beside bad TOML that is a number of thousands of digits, and lists nested beyond any sense.
    """
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{where} is not TOML: {error}; correct it.") from error
