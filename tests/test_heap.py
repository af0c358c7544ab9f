"""Memory that is let go of is there again without the system being asked."""

import platform
import subprocess
import sys

import pytest

from reaper_automix import heap

ROUNDS = 50
PROGRAM = f"""
import resource, sys
from reaper_automix import heap

if sys.argv[1] == "kept":
    heap.keep()
for number in range({ROUNDS} + 2):
    if number == 2:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    rooms = [bytearray(1 << 20) for _ in range(3)]
    for room in rooms:
        room[::4096] = bytes(len(range(0, len(room), 4096)))
    del rooms, room
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how):
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True
    )
    return int(told.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no limits")
def test_pages_are_not_asked_for_again():
    assert faults("kept") < ROUNDS < faults("as it is")


def test_it_may_be_said_again():
    heap.keep()
    heap.keep()
