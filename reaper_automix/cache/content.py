"""Dataclasses of plain data and arrays as bytes and back, bit for bit, by their types alone.

MessagePack, with an array as its dtype (little endian), its shape and its bytes. Nothing is
executed when it is read: what does not have the form of the type is refused.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec
import numpy as np

T = TypeVar("T")

NUMBERS = frozenset({"<f2", "<f4", "<f8", "|i1", "<i2", "<i4", "<i8", "|u1"})
"""What arrays may hold."""

Refused = msgspec.DecodeError
"""Raised for bytes that do not have the form of the type."""


class _Array(msgspec.Struct, array_like=True, frozen=True):
    """An array as it is written."""

    dtype: str
    shape: tuple[int, ...]
    numbers: bytes


def dump(value: object) -> bytes:
    """The bytes of a dataclass, or of what is built in."""
    return _encoder.encode(value)


def load(content: bytes | memoryview, kind: type[T]) -> T:
    """What :func:`dump` was given, of type ``kind``, its arrays read-only.

    Raises :data:`Refused`.
    """
    return msgspec.msgpack.decode(content, type=kind, dec_hook=_array)


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    if not isinstance(value, np.ndarray):
        raise NotImplementedError  # by which msgspec knows what cannot be written
    little = value.astype(value.dtype.newbyteorder("<"), copy=False)
    return _Array(little.dtype.str, little.shape, little.tobytes())


def _array(kind: type, written: object) -> object:
    array = msgspec.convert(written, _Array)
    if array.dtype not in NUMBERS:
        raise ValueError(f"an array of {array.dtype}")
    return np.frombuffer(array.numbers, array.dtype).reshape(array.shape)


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
