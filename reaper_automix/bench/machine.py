"""The machine that something was measured on, in one line."""

from __future__ import annotations

import os
import platform
from datetime import date
from pathlib import Path

import psutil


def described() -> str:
    """Processor, cores, memory, system, Python and the day."""
    gigabytes = psutil.virtual_memory().total / 1e9
    return (
        f"{_processor()}, {os.cpu_count()} cores, {gigabytes:.0f} GB, {platform.system()}, "
        f"Python {platform.python_version()}, {date.today().isoformat()}"
    )


def _processor() -> str:
    """The processor's own name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
