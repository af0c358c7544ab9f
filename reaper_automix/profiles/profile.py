"""What one profile says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reaper_automix.roles import STEM_OF, Role, StemName


@dataclass(frozen=True, slots=True)
class Profile:
    """How far apart roles shall stand, in dB; only differences count.

    An offset holds for a role *as a whole*: at ``share`` 1 the tracks of one role share its power,
    so that each of k stands 10·log10 k below it; at 0 each of them has the offset to itself.
    ``strength`` is how far to go from the balance that is there where the user does not say it: in
    an ordinary session, where ``spread_db`` says how far finished balances stand from these wishes
    (standard deviation), else in any; see :func:`.wishes.strength`.
    """

    name: str
    title: str = ""
    strength: float = 1.0
    share: float = 1.0
    spread_db: float | None = None
    roles: Mapping[Role, float] = field(default_factory=dict)
    stems: Mapping[StemName, float] = field(default_factory=dict)

    @property
    def is_equal(self) -> bool:
        """Whether it asks the same of every source."""
        return not (self.roles or self.stems)

    def offset_db(self, role: Role | None) -> float | None:
        """Where a role stands: its own offset, else its stem's; ``None`` where there is no wish.

        >>> one = Profile("one", roles={"kick": -2.0}, stems={"drums": -3.0})
        >>> one.offset_db("kick"), one.offset_db("snare"), one.offset_db("bass")
        (-2.0, -3.0, None)
        """
        if role is None:
            return None
        stem = STEM_OF[role]
        return self.roles.get(role, None if stem is None else self.stems.get(stem))
