"""Identities: a GUID for everything, unique within a project and the same at every reading.

Files of old versions and other programs leave GUIDs out, and copied text repeats them. What has
none, or one that is taken, gets one made from what it has and how often that occurred before.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Sequence

_GUID = re.compile(r"\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")


class Ids:
    """Hands out every identity of one project once."""

    def __init__(self) -> None:
        """With none handed out yet."""
        self._claimed: set[str] = set()
        self._made: Counter[str] = Counter()

    def claim(self, candidates: Sequence[str], otherwise: str) -> str:
        """The first candidate that is a GUID and free, else one made from ``otherwise``."""
        for guid in candidates:
            if guid not in self._claimed and _GUID.fullmatch(guid):
                self._claimed.add(guid)
                return guid
        return self._make("/".join([*candidates, otherwise]))

    def _make(self, origin: str) -> str:
        self._made[origin] += 1
        guid = made_guid(f"{origin}/{self._made[origin]}")
        self._claimed.add(guid)
        return guid


def made_guid(origin: str) -> str:
    """The GUID of something that is told by its origin, the same every time."""
    made = origin.encode("utf-8", "surrogateescape")
    return _guid(hashlib.sha1(made, usedforsecurity=False).hexdigest())


def new_guid() -> str:
    """A random GUID as REAPER writes it."""
    return _guid(uuid.uuid4().hex)


def _guid(digits: str) -> str:
    groups = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32])
    return f"{{{'-'.join(groups).upper()}}}"
