"""What all tests share: their order, and where the real test material lies."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from reaper_automix import cache, crew, threads

# Before numpy is there: tests share the cores, and threads of a BLAS that wait for one another burn
# many times what their product takes.
threads.limit()

# What fixtures of whole modules measure is nobody's; see own_cache for the tests themselves.
os.environ[cache.FOLDER_VARIABLE] = ""

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


@pytest.fixture(autouse=True, scope="session")
def alone():
    """Who asks for no number of processes works in this one: others take seconds to start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crew, "cores", lambda: 1)
        yield


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, request):
    """The folder of what is measured in one test, and in all processes that it starts."""
    name = hashlib.blake2b(request.node.nodeid.encode(), digest_size=8).hexdigest()
    folder = tmp_path_factory.getbasetemp() / "measurements" / name
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(cache.FOLDER_VARIABLE, str(folder))
        yield folder
    shutil.rmtree(folder, ignore_errors=True)


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
