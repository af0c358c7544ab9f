"""One thread per process: tracks share the cores already, and better than a BLAS or OpenMP."""

from __future__ import annotations

import os

VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def limit() -> None:
    """Have libraries that are loaded from now on use one thread, unless the user said otherwise.

    Must come before numpy is loaded, which reads this once.
    """
    for variable in VARIABLES:
        os.environ.setdefault(variable, "1")
