"""``reaper-kb.ini``: which scripts are actions (``SCR`` lines) and which keys they have (``KEY``).

The grammar is that of facts.md, section 6:

    SCR <flags> <section> <id> "<description>" <path>
    KEY <modifiers> <key> <_id or number> <section>

Lines that are not ours are kept byte for byte, in whatever encoding they are; ours are UTF-8 with
the line ends of the file.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from reaper_automix.errors import OutputError

FILE_NAME = "reaper-kb.ini"
MAIN_SECTION = "0"

NEW_INSTANCE = "516"
"""The flags of our scripts: pressed while it runs, an action runs once more and says so itself."""

ASK_WHEN_RUNNING = "4"
"""The flag of scripts that REAPER adds itself: it asks in a dialog until the user has chosen."""

CTRL_ALT_SHIFT = 29
"""Derived: with 1 none, 5 Shift, 9 Ctrl and 17 Alt (facts.md) the bits are 4, 8 and 16 over 1."""

UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

_WORD = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|`([^`]*)`|(\S+))""")


@dataclass(frozen=True, slots=True)
class Action:
    """A script as REAPER's list of actions has it; ``path`` is relative to ``Scripts``.

    ``letters`` are those for Ctrl+Alt+Shift, the most wanted first.
    """

    path: PurePosixPath
    letters: str = ""

    @property
    def id(self) -> str:
        """The same on every machine and in every version: ``RS`` and the SHA-1 of the path."""
        return "RS" + hashlib.sha1(self.path.as_posix().encode(), usedforsecurity=False).hexdigest()

    @property
    def title(self) -> str:
        """What a user reads: the file's name without its author and ending."""
        return self.path.stem.partition("_")[2]

    @property
    def description(self) -> str:
        """What REAPER calls a script that a user adds by hand."""
        return f"Custom: {self.path.name}"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A key that an action has; ``letter`` goes with Ctrl+Alt+Shift."""

    action: Action
    letter: str


@dataclass(frozen=True, slots=True)
class Script:
    """What a ``SCR`` line of the file says."""

    flags: str
    section: str
    id: str
    path: str


class KeyMap:
    """The lines of one ``reaper-kb.ini``; ``scripts`` is the folder that its paths start from."""

    def __init__(self, content: bytes, scripts: Path) -> None:
        if content.startswith(UTF16_MARKS):
            raise OutputError(
                f"{scripts.parent / FILE_NAME} is UTF-16, which REAPER does not write; save it as "
                "UTF-8 and run this again."
            )
        self._lines = tuple(content.splitlines(keepends=True))
        self._scripts = scripts
        self._end = b"\n" if b"\n" in content and b"\r\n" not in content else b"\r\n"

    @property
    def content(self) -> bytes:
        """The whole file."""
        return b"".join(self._lines)

    def registered(self, action: Action) -> Script | None:
        """The script line of an action in the main section, whoever added it."""
        here = (one for one in self._scripts_here() if one.section == MAIN_SECTION)
        return next((one for one in here if self._relative(one) == action.path), None)

    def shortcut(self, action: Action) -> bool:
        """Whether some key is bound to an action, ours or one that the user chose."""
        script = self.registered(action)
        return script is not None and any(key[2] == f"_{script.id}" for key in self._keys())

    def free_letters(self) -> str:
        """Letters that no line names together with Ctrl+Alt+Shift, in any section."""
        taken = {int(key[1]) for key in self._keys() if key[0] == str(CTRL_ALT_SHIFT)}
        return "".join(chr(code) for code in range(ord("A"), ord("Z") + 1) if code not in taken)

    def adding(self, actions: Sequence[Action]) -> tuple[bytes, tuple[Shortcut, ...]]:
        """The content with a line for each action that has none, and with keys, and these keys.

        An action that has a key keeps it; one whose letters are all taken gets none. Those that
        REAPER added itself ask no more when they are pressed again.
        """
        scripts = [_script_line(one) for one in actions if self.registered(one) is None]
        shortcuts = tuple(self._new_shortcuts(actions))
        keys = [_key_line(one, self._id(one.action)) for one in shortcuts]
        return self._calmed(actions)._with_lines([*scripts, *keys]), shortcuts

    def without(self, gone: Iterable[Action]) -> KeyMap:
        """The map without these actions and every key of theirs."""
        paths = {action.path for action in gone}
        ids = {one.id for one in self._scripts_here() if self._relative(one) in paths}
        kept = b"".join(line for line in self._lines if not _names(line, ids))
        mark = UTF8_MARK if self.content.startswith(UTF8_MARK) else b""
        return KeyMap(mark + kept.removeprefix(mark), self._scripts)

    def inside(self, folder: str) -> Iterator[Action]:
        """Everything of a folder of ``Scripts`` that has a line here."""
        for script in self._scripts_here():
            path = self._relative(script)
            if path is not None and path.parts[:1] == (folder,):
                yield Action(path)

    def _new_shortcuts(self, actions: Sequence[Action]) -> Iterator[Shortcut]:
        free = set(self.free_letters())
        for action in actions:
            if self.shortcut(action):
                continue
            letter = next((one for one in action.letters if one in free), None)
            if letter is not None:
                free.remove(letter)
                yield Shortcut(action, letter)

    def _calmed(self, actions: Sequence[Action]) -> KeyMap:
        """The map with :data:`NEW_INSTANCE` where one of these actions would ask."""
        paths = {action.path for action in actions}

        def calmed(line: bytes) -> bytes:
            script = _script(line)
            asks = script is not None and script.flags == ASK_WHEN_RUNNING
            if script is None or not asks or self._relative(script) not in paths:
                return line
            return line.replace(ASK_WHEN_RUNNING.encode(), NEW_INSTANCE.encode(), 1)

        return KeyMap(b"".join(map(calmed, self._lines)), self._scripts)

    def _id(self, action: Action) -> str:
        script = self.registered(action)
        return script.id if script else action.id

    def _with_lines(self, lines: Sequence[str]) -> bytes:
        content = self.content
        if lines and content.removeprefix(UTF8_MARK) and not content.endswith((b"\n", b"\r")):
            content += self._end
        return content + b"".join(line.encode() + self._end for line in lines)

    def _scripts_here(self) -> Iterator[Script]:
        return filter(None, map(_script, self._lines))

    def _keys(self) -> Iterator[list[str]]:
        """Modifiers, key, command and section of every key."""
        for words in map(_words, self._lines):
            if words[:1] == ["KEY"] and len(words) >= 5 and words[2].isdecimal():
                yield words[1:5]

    def _relative(self, script: Script) -> PurePosixPath | None:
        """The path from ``Scripts`` on; ``None`` for one that lies elsewhere."""
        home = Path(os.path.normpath(self._scripts))
        path = Path(os.path.normpath(home / script.path.replace("\\", "/")))
        if not path.is_relative_to(home):
            return None
        return PurePosixPath(path.relative_to(home).as_posix())


def _words(line: bytes) -> list[str]:
    """The words of a line; the quotes of a quoted one are gone, and so is the comment of a key."""
    text = line.removeprefix(UTF8_MARK).decode(errors="surrogateescape").strip()
    return ["".join(filter(None, groups)) for groups in _WORD.findall(text)]


def _script(line: bytes) -> Script | None:
    """What a line says of a script, if it is about one."""
    words = _words(line)
    if words[:1] != ["SCR"] or len(words) < 6:
        return None
    return Script(words[1], words[2], words[3], words[5])


def _names(line: bytes, ids: set[str]) -> bool:
    """Whether a line is the script, or a key, of one of these commands."""
    script = _script(line)
    if script is not None:
        return script.id in ids
    words = _words(line)
    return words[:1] == ["KEY"] and len(words) >= 5 and words[3].removeprefix("_") in ids


def _script_line(action: Action) -> str:
    path = str(action.path).replace("/", os.sep)
    return f'SCR {NEW_INSTANCE} {MAIN_SECTION} {action.id} "{action.description}" "{path}"'


def _key_line(shortcut: Shortcut, command: str) -> str:
    return f"KEY {CTRL_ALT_SHIFT} {ord(shortcut.letter)} _{command} {MAIN_SECTION}"
