"""Values on their way between Lua and the double.

Lua's strings are bytes. They pass as Latin-1, a character per byte, so that any of them arrives;
the double's texts are UTF-8, with surrogates for whatever is not.
"""

from __future__ import annotations


def from_lua(value):
    """A value of Lua as the double has it."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("latin-1").decode("utf-8", "surrogateescape")


def to_lua(value):
    """A value of the double as Lua has it."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-8", "surrogateescape").decode("latin-1")


class Array:
    """A ``reaper.array`` of doubles: indices from 1, methods called with a dot."""

    METHODS = frozenset({"table", "clear", "get_alloc", "resize"})

    def __init__(self, runtime, values, size=None):
        self._runtime = runtime
        is_size = isinstance(values, int)
        self.values = [0.0] * values if is_size else [float(value) for value in values.values()]
        if size is not None:
            self.resize(size)

    def __getitem__(self, key):
        return getattr(self, key) if key in self.METHODS else self.values[self._place(key)]

    def __setitem__(self, key, value):
        self.values[self._place(key)] = float(value)

    def table(self, offset=1, size=None):
        """A Lua table of a part of it."""
        start = self._place(offset)
        return self._runtime.table_from(self.values[start : None if size is None else start + size])

    def clear(self, value=0.0):
        """Set every number."""
        self.values[:] = [float(value)] * len(self.values)

    def get_alloc(self):
        """How many numbers fit."""
        return len(self.values)

    def resize(self, size):
        """Make it shorter, or longer by zeros."""
        self.values[:] = (self.values + [0.0] * size)[:size]

    @staticmethod
    def _place(key):
        if key < 1:
            raise IndexError(key)
        return int(key) - 1
