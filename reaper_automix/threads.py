"""One thread per process: tracks share the cores already, and better than a BLAS or OpenMP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def limit() -> None:
    """Have libraries that are loaded from now on use one thread, unless the user said otherwise.

    Must come before numpy is loaded, which reads this once.
    """
    for variable in VARIABLES:
        os.environ.setdefault(variable, "1")


@contextmanager
def limited() -> Iterator[None]:
    """Have processes that are started meanwhile do so, and leave this one as it is.

    What a process is started with holds before it loads anything, its main module included.
    """
    unset = [variable for variable in VARIABLES if variable not in os.environ]
    limit()
    try:
        yield
    finally:
        for variable in unset:
            del os.environ[variable]
