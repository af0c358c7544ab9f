"""A proposal as a table to edit: TOML with one line per loose track, and back again as wishes.

A line names a track by its GUID, so any name will do; ``name`` is there for the reader alone.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard, TypeVar, get_args

from reaper_automix import toml
from reaper_automix.errors import SettingsError
from reaper_automix.roles import STEM_OF, Role, StemName
from reaper_automix.stemtree.catalogue import STEMS
from reaper_automix.stemtree.proposal import Part, Proposal, Row, Wish

Name = TypeVar("Name", bound=str)

TRACKS = "tracks"
KEYS = ("stem", "role", "name", "guid")
ROLES: tuple[Role, ...] = get_args(Role)
STEM_NAMES: tuple[StemName, ...] = tuple(stem.name for stem in STEMS)

HEAD = """\
# Where the loose tracks of {name} go. Change stem, save, and carry it out with --apply.
# stem = "" leaves a track where it is; without a stem its role decides. Any order will do.
# Stems: {stems}.
# Roles: {roles}.

{tracks} = [
"""

BY = {"name": "by name", "sound": "by sound", "both": "by name and sound", "routing": "by routing"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: a track and what is wished of it; ``number`` counts from 1."""

    track_id: str
    wish: Wish
    number: int | None = None
    name: str = ""


def text(proposal: Proposal, name: str) -> str:
    """The table of a session of that name; without lines where no track is loose."""
    head = HEAD.format(
        name=_one_line(name), stems=", ".join(STEM_NAMES), roles=", ".join(ROLES), tracks=TRACKS
    )
    rows = [_cells(row) for row in proposal.rows if row.loose]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    return "".join([head, *(_set(row, widths) for row in rows), "]\n"])


def read(content: str, where: str) -> tuple[Line, ...]:
    """The lines of a table; ``where`` names it in the error.

    :class:`SettingsError` names the line and the key of the first thing that cannot be used.
    """
    document = toml.parse(content, where)
    rows = document.get(TRACKS)
    if set(document) != {TRACKS} or not _is_rows(rows):
        raise SettingsError(
            f"{where} must hold nothing but a list of lines {TRACKS} = [ … ]; "
            "write it anew with --propose."
        )
    starts = _starts(content, len(rows))
    lines = tuple(
        _line(row, _Spot(where, content, start)) for row, start in zip(rows, starts, strict=True)
    )
    _refuse_twins(lines, where)
    return lines


def wishes(lines: Sequence[Line], proposal: Proposal, where: str) -> dict[str, Wish]:
    """What a table wants of the tracks that there are, by id.

    :class:`SettingsError` where it wants to move one that cannot, and is not there already.
    """
    rows = {row.track_id: row for row in proposal.rows}
    for line in lines:
        row = rows.get(line.track_id)
        if row is None or row.loose or line.wish.stem is None:
            continue
        if line.wish.stem not in _stems_around(row, rows):
            raise SettingsError(
                f"{where}{_at(line.number)}: {row.name or 'the track'} cannot go into a stem. "
                f'{row.why} Write stem = "".'
            )
    return {line.track_id: line.wish for line in lines if line.track_id in rows}


def _stems_around(row: Row, rows: Mapping[str, Row]) -> Iterator[StemName | None]:
    """The stems of the folders that a track lies in."""
    while row.parent_id is not None:
        row = rows[row.parent_id]
        yield row.part.stem


def strangers(lines: Sequence[Line], proposal: Proposal) -> tuple[Line, ...]:
    """The lines of tracks that are not in the project, or not any more."""
    known = {row.track_id for row in proposal.rows}
    return tuple(line for line in lines if line.track_id not in known)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A line of a table being read: where it begins in the text, ``None`` when nobody knows."""

    where: str
    content: str
    start: int | None

    def number(self, key: str | None = None) -> int | None:
        """The number of the line, or of the one with its key."""
        if self.start is None:
            return None
        found = re.compile(rf"\b{re.escape(key)}\b[\"']?\s*=" if key else "").search(
            self.content, self.start
        )
        return self.content.count("\n", 0, found.start() if found else self.start) + 1

    def refuse(self, key: str, sentence: str) -> SettingsError:
        return SettingsError(f"{self.where}{_at(self.number(key))}: {sentence}")


def _at(number: int | None) -> str:
    return f", line {number}" if number else ""


def _is_rows(rows: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(rows, list) and all(isinstance(row, dict) for row in rows)


def _starts(content: str, count: int) -> list[int | None]:
    """Where each line begins, as one of braces or one below ``[[tracks]]``."""
    opening = re.compile(rf"^[ \t]*(?:{TRACKS}[ \t]*=[ \t]*\[[ \t]*)?(?:\{{|\[\[)", re.MULTILINE)
    found = [match.start() for match in opening.finditer(content)]
    return [*found] if len(found) == count else [None] * count


def _line(row: Mapping[str, object], spot: _Spot) -> Line:
    for key, value in row.items():
        if key not in KEYS:
            raise spot.refuse(key, f"there is no {key!r} in a line; {_suggestion(key, KEYS)}")
        if not isinstance(value, str):
            raise spot.refuse(key, f"{key} must be a text in quotes.")
    if not row.get("guid"):
        raise spot.refuse("guid", "guid is missing; write the table anew with --propose.")
    role = _one_of(row, "role", ROLES, spot)
    stem = _one_of(row, "stem", STEM_NAMES, spot)
    if "stem" not in row and role is not None:
        stem = STEM_OF[role]
    return Line(str(row["guid"]), Wish(stem, role), spot.number(), str(row.get("name", "")))


def _one_of(
    row: Mapping[str, object], key: str, allowed: Sequence[Name], spot: _Spot
) -> Name | None:
    """The value of a key, ``None`` where it is empty; upper and lower case are the same."""
    value = " ".join(str(row.get(key, "")).lower().split())
    found = next((name for name in allowed if name == value), None)
    if value and found is None:
        raise spot.refuse(key, f"there is no {key} {row[key]!r}; {_suggestion(value, allowed)}")
    return found


def _suggestion(word: str, allowed: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, allowed, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(allowed)}."


def _refuse_twins(lines: Sequence[Line], where: str) -> None:
    seen: dict[str, Line] = {}
    for line in lines:
        if line.track_id in seen:
            raise SettingsError(
                f"{where}{_at(line.number)}: guid {line.track_id} stands there twice; "
                "keep one of the lines."
            )
        seen[line.track_id] = line


def _cells(row: Row) -> tuple[str, ...]:
    part = row.part
    return (
        f"stem = {_quoted(part.stem or '')},",
        f"role = {_quoted(part.role or '')},",
        f"name = {_quoted(row.name)},",
        f'guid = "{row.track_id}"',
        _remark(row, part),
    )


def _remark(row: Row, part: Part) -> str:
    sure = f"{part.confidence:.0%} {BY[part.by]}" if part.by in BY else ""
    return "; ".join(filter(None, (sure, _one_line(row.why).rstrip("."))))


def _set(cells: Sequence[str], widths: Sequence[int]) -> str:
    *values, remark = cells
    padded = " ".join(cell.ljust(width) for cell, width in zip(values, widths, strict=True))
    return f"  {{ {padded} }},{f'  # {remark}' if remark else ''}\n"


def _quoted(value: str) -> str:
    """A TOML basic string, whose escapes are those of JSON; DEL has to be escaped as well."""
    known = value.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(known, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(value: str) -> str:
    """A text fit for a comment, in which TOML allows no control characters."""
    return "".join(_printable(value))


def _printable(value: str) -> Iterator[str]:
    for letter in value.encode("utf-8", "replace").decode("utf-8"):
        yield " " if letter < " " or letter == "\x7f" else letter
