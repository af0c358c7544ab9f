"""reapy's ``Client``, and the one place where reapy is imported outside REAPER.

Its import asks a web interface of REAPER for a server, runs an action there and waits without end.
Here it is told at once that there is no web interface, which it answers with a warning.
"""

from __future__ import annotations

import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING


@contextmanager
def _reaching_nothing() -> Iterator[None]:
    reach = urllib.request.urlopen

    def refuse(*_: object, **__: object) -> None:
        raise urllib.error.URLError("reapy connects when it is told to")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        urllib.request.urlopen = refuse
        try:
            yield
        finally:
            urllib.request.urlopen = reach


if TYPE_CHECKING:
    from reapy.tools.network.client import Client
else:
    with _reaching_nothing():
        from reapy.tools.network.client import Client

__all__ = ["Client"]
