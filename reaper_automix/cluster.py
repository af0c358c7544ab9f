"""Where the songs of a batch are done: on this machine, or by the workers of a cluster.

Both go through joblib. Here one song follows the other, because a song alone keeps all cores busy.
On a cluster that is already running (``--scheduler``) each of its workers takes one song at a time;
they find the songs under the paths that they have here, on a file system that all of them share.
Nothing is started and nothing listens: this is a client of the scheduler and of nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeVar

from reaper_automix.errors import AutomixError, SettingsError

Task = TypeVar("Task")
Result = TypeVar("Result")

CONNECT_S = 5.0
"""A scheduler that does not answer for so long is not there."""

MISSING = "--scheduler needs {}, which is not installed; run: pip install {}."
UNREACHABLE = "There is no scheduler at {} ({}); check the address of --scheduler."
BROKEN_OFF = (
    "The cluster at {} broke off ({}); see that its workers have this version of reaper-automix "
    "and enough memory, and try again."
)


def each(
    work: Callable[[Task], Result], tasks: Iterable[Task], scheduler: str | None = None
) -> Iterator[Result]:
    """What came of each task, in their order, each as soon as it and those before it are done.

    ``work`` must not raise, and is pickled where there is a scheduler. :class:`SettingsError` where
    that cannot be reached. Leaving the iteration early drops the tasks that no worker has begun.
    """
    import joblib

    with _engine(scheduler):
        together = joblib.Parallel(-1 if scheduler else 1, batch_size=1, return_as="generator")
        yield from together(joblib.delayed(work)(task) for task in tasks)


def _engine(scheduler: str | None) -> AbstractContextManager[None]:
    """What joblib works with inside this context."""
    if scheduler is None:
        return nullcontext()
    scheme = scheduler.partition("://")[0]
    return ENGINES.get(scheme, _dask)(scheduler)


@contextmanager
def _dask(scheduler: str) -> Iterator[None]:
    """The workers of a Dask scheduler, ``tcp://host:port``."""
    import asyncio

    import joblib

    try:
        import distributed
    except ImportError as error:
        raise SettingsError(MISSING.format("Dask", "'reaper-automix[cluster]'")) from error
    from reaper_automix.dask_workers import Workers

    connect: Callable[..., AbstractContextManager[object]] = distributed.Client
    try:
        asyncio.run(_answers(scheduler))
        client = connect(scheduler, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SettingsError(UNREACHABLE.format(scheduler, error)) from error
    with client, joblib.parallel_config(Workers(client=client)):
        try:
            yield
        except (OSError, ImportError, distributed.KilledWorker) as error:
            said = str(error).partition(". ")[0]  # the rest is advice to programmers
            raise AutomixError(BROKEN_OFF.format(scheduler, said)) from error


async def _answers(scheduler: str) -> None:
    """Whether a Dask scheduler can be reached; :class:`OSError` where it cannot.

    A client that finds nobody says so as well, but complains once more when it is thrown away.
    """
    from distributed.comm.core import connect

    line = await connect(scheduler, timeout=CONNECT_S)
    await line.close()


@contextmanager
def _ray(scheduler: str) -> Iterator[None]:
    """The workers of a Ray cluster, ``ray://host:port``."""
    import joblib

    try:
        import ray
        from ray.util.joblib import register_ray
    except ImportError as error:
        raise SettingsError(MISSING.format("Ray", "'ray[client]'")) from error
    try:
        ray.init(scheduler)
    except (OSError, ValueError) as error:
        raise SettingsError(UNREACHABLE.format(scheduler, error)) from error
    register_ray()
    try:
        with joblib.parallel_config("ray"):
            yield
    finally:
        ray.shutdown()


ENGINES: Mapping[str, Callable[[str], AbstractContextManager[None]]] = {"ray": _ray}
"""Engines by the scheme of their addresses; any other address is Dask's."""
