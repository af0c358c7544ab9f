"""OSC messages as bytes and back, strict in what is taken: anything else is no message at all.

Of the argument types only those that REAPER and control surfaces use are known: ``i`` and ``f``
(32 bits), ``s``, and ``T``/``F`` for a button. REAPER ignores a message with any other type whole
(facts.md, section 7), and so do we.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.parsing import osc_types

Argument = int | float | str

LARGEST_BYTES = 1024
"""Of a datagram that REAPER takes in every version (facts.md, section 7)."""

LARGEST_DATAGRAM_BYTES = 65_507
"""Of any UDP datagram; REAPER may be set to send larger ones than it takes."""

_BUNDLE = b"#bundle\0"
_HEADER_BYTES = 16
_SIZE_BYTES = 4
_DEPTH = 4

_TYPES: Mapping[type, str] = {int: "i", float: "f", str: "s"}

_READERS: Mapping[str, Callable[[bytes, int], tuple[Argument, int]]] = {
    "i": osc_types.get_int,
    "f": osc_types.get_float,
    "s": osc_types.get_string,
    "T": lambda _, place: (1, place),
    "F": lambda _, place: (0, place),
}


@dataclass(frozen=True, slots=True)
class Message:
    """An address and what comes with it."""

    address: str
    arguments: tuple[Argument, ...] = ()


def parse(datagram: bytes) -> tuple[Message, ...]:
    r"""The messages of a datagram in their order; none where any of it is malformed.

    Times of bundles are ignored, as REAPER does.

    >>> parse(b"/a\0\0,i\0\0\0\0\0\7")
    (Message(address='/a', arguments=(7,)),)
    >>> parse(b"/a\0\0,i\0\0\0")
    ()
    """
    try:
        return tuple(_packet(datagram, _DEPTH))
    except (osc_types.ParseError, ValueError, KeyError):
        return ()


def bundles(messages: Iterable[Message], largest_bytes: int = LARGEST_BYTES) -> Iterator[bytes]:
    """As few datagrams as hold all messages in their order, none larger than allowed.

    A message that is alone comes without a bundle round it, which some surfaces do not know.
    """
    batch: list[OscMessage] = []
    size = _HEADER_BYTES
    for message in map(_built, messages):
        needed = _SIZE_BYTES + message.size
        if batch and size + needed > largest_bytes:
            yield _bundled(batch)
            batch, size = [], _HEADER_BYTES
        batch.append(message)
        size += needed
    if batch:
        yield _bundled(batch)


def _bundled(batch: Sequence[OscMessage]) -> bytes:
    if len(batch) == 1:
        return bytes(batch[0].dgram)
    builder = OscBundleBuilder(IMMEDIATELY)
    for message in batch:
        builder.add_content(message)
    return bytes(builder.build().dgram)


def _built(message: Message) -> OscMessage:
    builder = OscMessageBuilder(message.address)
    for argument in message.arguments:
        builder.add_arg(argument, _TYPES[type(argument)])
    return builder.build()


def _packet(datagram: bytes, depth: int) -> Iterator[Message]:
    if not datagram.startswith(_BUNDLE):
        yield _message(datagram)
        return
    if len(datagram) < _HEADER_BYTES or not depth:
        raise ValueError("a bundle without a time, or too deep inside others")
    place = _HEADER_BYTES
    while place < len(datagram):
        size, place = osc_types.get_int(datagram, place)
        if not 0 < size <= len(datagram) - place:
            raise ValueError("a part that does not fit into its bundle")
        yield from _packet(datagram[place : place + size], depth - 1)
        place += size


def _message(datagram: bytes) -> Message:
    address, place = osc_types.get_string(datagram, 0)
    kinds, place = osc_types.get_string(datagram, place)
    if not address.startswith("/") or not kinds.startswith(","):
        raise ValueError("no address, or no types")
    arguments = []
    for kind in kinds[1:]:
        argument, place = _READERS[kind](datagram, place)
        arguments.append(argument)
    if place != len(datagram):
        raise ValueError("more than its types say")
    return Message(address, tuple(arguments))
