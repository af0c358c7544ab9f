"""What all tests share: their order, and where the real test material lies."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast a machine draws examples says nothing about the code.
settings.register_profile(
    "laws",
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("laws")


def pytest_collection_modifyitems(items):
    """Long tests last, so that a fault that is quickly found is quickly told."""
    items.sort(key=lambda item: item.get_closest_marker("long") is not None)


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
