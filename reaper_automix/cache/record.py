"""The form of one record: it says what it is, whose it is, and that nothing of it was changed.

A head of 64 bytes, then the content: :data:`MAGIC`, the version of this form, the kind, and a
checksum (BLAKE2b, 256 bits) over all of that, the key and the content. A record that was cut,
changed, put under another name or written by another version fails it.
"""

from __future__ import annotations

import hashlib
import os
import struct

MAGIC = b"automix\n"
FORMAT = 1
"""Version of the form, and of everything in it; raised whenever any of it would be misread."""

_WHAT = struct.Struct("<8sI20s")
_DIGEST_BYTES = 32
_HEAD_BYTES = _WHAT.size + _DIGEST_BYTES


class Untrusted(ValueError):
    """A record that is not what it was looked up as, or not whole."""


def sealed(kind: str, key: str, content: bytes) -> bytes:
    """The record that holds some content."""
    what = _what(kind)
    return what + _checksum(what, key, content) + content


def unsealed(record: bytes, kind: str, key: str) -> memoryview:
    """The content of a record; :class:`Untrusted` for anything but a whole one of ours."""
    content = memoryview(record)[_HEAD_BYTES:]
    what = _what(kind)
    if record[:_HEAD_BYTES] != what + _checksum(what, key, content):
        raise Untrusted(f"no {kind} of the key {key}")
    return content


def _what(kind: str) -> bytes:
    return _WHAT.pack(MAGIC, FORMAT, kind.encode())


def _checksum(what: bytes, key: str, content: bytes | memoryview) -> bytes:
    summed = hashlib.blake2b(what, digest_size=_DIGEST_BYTES)
    summed.update(b"%d:%b" % (len(key), os.fsencode(key)))
    summed.update(content)
    return summed.digest()
