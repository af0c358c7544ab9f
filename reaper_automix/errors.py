"""What a user can put right.

Every message is one sentence: what is wrong, where (file or track), what to do. Only
:mod:`reaper_automix.cli` turns these into text and an exit code; everything else raises them or
lists them. Any other exception is a bug and keeps its traceback.
"""

from __future__ import annotations

from typing import ClassVar

BUG = 1
"""Exit code of a fault of the program."""

SOME_FAILED = 6
"""Exit code of a batch in which songs failed and others did not."""


class AutomixError(Exception):
    """Base of everything a user can put right; ``exit_code`` is what the command line returns."""

    exit_code: ClassVar[int] = 1


class InputError(AutomixError):
    """The project, folder or media cannot be read as what it claims to be."""

    exit_code = 3


class NothingToBalance(AutomixError):
    """Everything was read, but there is no track whose level could be measured."""

    exit_code = 4


class OutputError(AutomixError):
    """A result cannot be written where it was asked for."""

    exit_code = 5


class SettingsError(AutomixError):
    """A setting, on the command line or in a TOML file, has a value that cannot be used."""

    exit_code = 2


class MediaError(InputError):
    """One audio file cannot be read; the track that uses it is listed as skipped."""


class LiveError(AutomixError):
    """The open REAPER cannot be reached, or does not do what was asked over the live bridge."""

    exit_code = 7


class Cancelled(AutomixError):
    """The user stopped the run; nothing was written."""

    exit_code = 130
