"""What was learned as a profile's TOML file, every number with what it comes from.

The first line says that the file is ours, and a digest of the rest. Only what still has it is
replaced: a file that somebody wrote or changed is theirs.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from reaper_automix.errors import OutputError
from reaper_automix.learn.ear import Ear, Offset
from reaper_automix.profiles import Profile
from reaper_automix.report.figures import count, plain

MARKER = "# Made by reaper-automix learn, which replaces it as long as nothing is changed: "


def text(ear: Ear, base: Profile, source: str) -> str:
    """The file; the same for the same ear. ``source`` is what it says about itself."""
    body = "\n".join((*_lines(ear, base, source), ""))
    return f"{MARKER}{_digest(body)}\n{body}"


def refuse_others(path: Path) -> None:
    """:class:`OutputError` where a file stands that ``learn`` did not write, or not like this."""
    if not os.path.lexists(path):
        return
    try:
        first, _, body = path.read_text("utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        first, body = "", ""
    if first != f"{MARKER}{_digest(body)}":
        raise OutputError(
            f"{path} was not written by learn, or changed since; name another file with --out, "
            "or replace it with --force."
        )


def write(path: Path, content: str) -> None:
    """Put the file in place in one step; whatever fails leaves what was there."""
    beside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=".automix-", suffix=".tmp", delete=False
        ) as file:
            beside = Path(file.name)
            file.write(content.encode("utf-8"))
        beside.replace(path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}); choose another file with --out."
        ) from error
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8")).hexdigest()[:16]


def _lines(ear: Ear, base: Profile, source: str) -> Iterator[str]:
    profile, known = ear.profile(), plain(base.name)
    yield 'title = "Learned from finished projects"'
    yield f"source = {json.dumps(source, ensure_ascii=False)}"
    yield f"strength = {profile.strength} # ± {ear.strength_sd:.2f}; {known} has {base.strength}"
    yield f"share = {profile.share} # as in {known}"
    yield "\n[roles] # dB, the role as a whole; only differences count"
    for role, offset in ear.roles.items():
        yield f'"{role}" = {profile.roles[role]} # {_origin(offset, base)}'
    yield "\n[stems] # for roles that are not listed above"
    for stem, offset in ear.stems.items():
        yield f'"{stem}" = {profile.stems[stem]} # {_origin(offset, base)}'


def _origin(offset: Offset, base: Profile) -> str:
    """Where a number comes from.

    >>> _origin(Offset(1.0, 0.81, 0.0, 12, 5), Profile("roles"))
    '12 tracks in 5 projects, ± 0.8 dB'
    """
    sure = f"± {offset.sd_db:.1f} dB"
    if offset.tracks:
        return f"{count(offset.tracks, 'track')} in {count(offset.songs, 'project')}, {sure}"
    return f"in none of the projects: {plain(base.name)}, moved along with what is near it, {sure}"
