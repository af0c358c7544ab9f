"""Track groups: ``GROUP_FLAGS`` has a field per role, each with a bit per group."""

from reaper_double.errors import UnmodelledFunction

LOW, HIGH = "GROUP_FLAGS", "GROUP_FLAGS_HIGH"
ROLES = {
    name: place
    for place, name in enumerate(
        "VOLUME_LEAD VOLUME_FOLLOW PAN_LEAD PAN_FOLLOW MUTE_LEAD MUTE_FOLLOW SOLO_LEAD SOLO_FOLLOW "
        "RECARM_LEAD RECARM_FOLLOW POLARITY_LEAD POLARITY_FOLLOW AUTOMODE_LEAD AUTOMODE_FOLLOW "
        "VOLUME_REVERSE PAN_REVERSE WIDTH_REVERSE NO_LEAD_WHEN_FOLLOW WIDTH_LEAD WIDTH_FOLLOW "
        "VOLUME_VCA_LEAD VOLUME_VCA_FOLLOW VOLUME_VCA_FOLLOW_ISPREFX MEDIA_EDIT_LEAD "
        "MEDIA_EDIT_FOLLOW".split(),
        start=1,
    )
}
"""Fields of the line by the name of their role (names since REAPER 6.12)."""


def membership(track, line, role, mask, value):
    """The groups a track had in a role; the bits of the mask get their new value."""
    if role not in ROLES:
        raise UnmodelledFunction(f"{role} is no role in a track group")
    before = int(track.number(line, ROLES[role]))
    after = before & ~mask | value & mask
    if after != before:
        _put(track, line, ROLES[role], after)
    return before


def _put(track, line, place, value):
    """Fields up to the one wanted are written, 0 where there was none."""
    for earlier in range(1, place):
        if len(track.row(line)) <= earlier:
            track.put_number(line, earlier, 0)
    track.put_number(line, place, value)
