"""What all tests share: where the real test material lies."""

import os
from pathlib import Path

import pytest


def shared_data_folder() -> Path | None:
    """The folder of real projects and multitracks, or None on a machine without it."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("AUTOMIX_SHARED", beside))
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real test material; tests that need it say so where it is missing."""
    folder = shared_data_folder()
    if folder is None:
        pytest.skip("the shared test material is not on this machine (set AUTOMIX_SHARED)")
    return folder
