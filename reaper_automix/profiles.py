"""What each profile wants of each role: the one place where balances other than equal belong.

:data:`PROFILES` has one row per profile; the settings take their names from it, the engine what it
asks of a source. Roles themselves are found later, so for now every source is of no role.
"""

from __future__ import annotations

from collections.abc import Mapping

PROFILES: Mapping[str, Mapping[str, float]] = {"equal": {}}
"""Level offsets in dB by role, per profile; ``equal`` asks the same of every source."""


def offset_db(profile: str, role: str | None) -> float:
    """How far above the group's target a profile wants a role; 0 where it has no wish.

    >>> offset_db("equal", "lead vocal")
    0.0
    """
    return PROFILES[profile].get(role, 0.0) if role else 0.0
