"""joblib's way to the workers of a Dask cluster, told also of those that die.

joblib 1.6 calls back with what a task returned or raised, but not where the task itself was lost
(a worker killed for want of memory, or without this package): its caller waited for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from joblib._dask import DaskDistributedBackend

Tell = Callable[[object], None]


class Workers(DaskDistributedBackend):  # type: ignore[misc]  # joblib has no types
    """The workers of a scheduler, by the ``client`` that knows it."""

    def submit(self, func: Callable[[], Any], callback: Tell) -> Future[Any]:
        """Hand out a task; ``callback`` gets its result, or why it was lost."""

        def tell_of_loss(done: Future[Any]) -> None:
            if lost := done.exception():
                callback(lost)

        future: Future[Any] = super().submit(func, callback)
        future.add_done_callback(tell_of_loss)
        return future
