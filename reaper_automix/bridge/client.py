"""Calls to an open REAPER, one at a time, each answered or ended by a sentence.

A call that is interrupted, by Ctrl-C, a timeout or a fault, takes its connection with it: what was
asked then may still be answered, and must not be taken for the answer to the next call.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reaper_automix.bridge import probe
from reaper_automix.bridge.probe import NotTheBridge, Whereabouts
from reaper_automix.errors import LiveError

if TYPE_CHECKING:
    from reaper_automix.bridge.transport import Transport

MODULE = "automix_live"
"""What the server calls the module of its functions."""

TIMEOUT_S = 30.0


class Bridge:
    """The way to an open REAPER; connects when first asked, and again after a call that failed."""

    def __init__(self, spool: Path, timeout_s: float = TIMEOUT_S) -> None:
        """``timeout_s`` is how long REAPER may take for an answer."""
        self._spool = spool
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._line: Transport | None = None
        self._where: Whereabouts | None = None

    def ask(self, function: str, *arguments: object) -> dict[str, Any]:
        """What one of the server's functions answers; :class:`LiveError` when it does not."""
        with self._lock:
            line, where = self._connected()
            answer = self._asked(line, where, function, arguments)
        if isinstance(answer, dict) and "refused" in answer:
            raise LiveError(str(answer["refused"]))
        assert isinstance(answer, dict)
        return answer

    def close(self) -> None:
        """Hang up; the next call connects again."""
        with self._lock:
            self._hang_up()

    def _connected(self) -> tuple[Transport, Whereabouts]:
        if self._line is not None and self._where is not None and self._line.is_usable:
            return self._line, self._where
        self._hang_up()
        self._where = probe.find(self._spool)
        self._line = _connect(self._where.port, self._timeout_s)
        return self._line, self._where

    def _asked(
        self, line: Transport, where: Whereabouts, function: str, arguments: tuple[object, ...]
    ) -> object:
        """One request; the connection is kept only if it was answered."""
        done = False
        try:
            answer = line.call(MODULE, function, where.token, *arguments)
            done = True
        except TimeoutError as error:
            raise LiveError(probe.TOO_SLOW.format(seconds=self._timeout_s)) from error
        except NotTheBridge as error:
            raise LiveError(_not_ours(where.port)) from error
        except OSError as error:
            raise LiveError(probe.ENDED) from error
        finally:
            if not done:
                self._hang_up()
        return answer

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            with suppress(OSError):
                line.close()


def _not_ours(port: int) -> str:
    return probe.NOT_OURS.format(port=port, action=probe.ACTION)


def _connect(port: int, timeout_s: float) -> Transport:
    from reaper_automix.bridge.transport import Transport

    try:
        return Transport(port, timeout_s)
    except TimeoutError as error:
        raise LiveError(probe.BUSY) from error
    except (NotTheBridge, ConnectionAbortedError) as error:
        raise LiveError(_not_ours(port)) from error
    except OSError as error:
        raise LiveError(probe.GONE) from error
