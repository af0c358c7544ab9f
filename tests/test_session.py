"""session.json: lossless, versioned, and refused in one sentence when it is something else."""

import json
from dataclasses import fields, is_dataclass, replace
from typing import Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix import session as model
from reaper_automix.errors import InputError
from reaper_automix.session import Session, Track, from_json, json_schema, to_json

EMPTY = Session("song", ())

finite = st.floats(allow_nan=False, allow_infinity=False)
names = st.text(st.just(" ") | st.characters(exclude_categories=["C", "Z"]), max_size=300)
PLAIN = {str: names, float: finite, int: st.integers(-(2**31), 2**31), bool: st.booleans()}


def any_of(kind, **chosen):
    """Values of a session type in which every field takes part."""
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: values(hint) for name, hint in hints.items()} | chosen)


def values(hint):
    """Values of an annotated type."""
    if hint in PLAIN:
        return PLAIN[hint]
    if is_dataclass(hint):
        return any_of(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is tuple:
        return st.lists(values(inner[0]), max_size=2).map(tuple)
    return st.none() | values(inner[0])


def with_a_take(item):
    """The item with one of its takes active."""
    return replace(item, active_take=item.active_take % max(1, len(item.takes)))


@st.composite
def sessions(draw):
    tracks = []
    for number in range(draw(st.integers(0, 3))):
        above = st.sampled_from([None, *(track.id for track in tracks)])
        track = draw(any_of(Track, id=st.just(f"{{{number}}}"), parent_id=above))
        tracks.append(replace(track, items=tuple(map(with_a_take, track.items))))
    versions = {
        "tracks": st.just(tuple(tracks)),
        "sample_rate_hz": st.integers(8000, 192000),
        "schema_version": st.just(model.SCHEMA_VERSION),
    }
    return draw(any_of(Session, **versions))


@given(sessions())
def test_json_gives_back_every_field(session):
    assert from_json(to_json(session)) == session


def test_json_says_its_version_and_has_a_schema():
    assert json.loads(to_json(EMPTY))["schema_version"] == model.SCHEMA_VERSION
    documented = json_schema()["$defs"]["Track"]["properties"]
    assert documented.keys() == {field.name for field in fields(Track)}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"", "Input data was truncated"),
        (b"[]", "Expected `object`"),
        (b'{"name": 3, "tracks": []}', r"\$\.name"),
        (to_json(replace(EMPTY, schema_version=99)), "schema version 99"),
        (to_json(replace(EMPTY, sample_rate_hz=0)), "sample rate"),
        (to_json(replace(EMPTY, tracks=(Track("{a}", "a"), Track("{a}", "b")))), "two tracks"),
        (to_json(replace(EMPTY, tracks=(Track("{a}", "a", "{b}"),))), "does not come before"),
    ],
)
def test_what_is_not_a_session_is_refused_in_one_sentence(text, complaint):
    with pytest.raises(InputError, match=complaint) as error:
        from_json(text)
    assert "\n" not in str(error.value)


def test_children_and_lookup_by_id():
    tracks = (Track("{f}", "f", folder=True), Track("{a}", "a", "{f}"), Track("{b}", "b"))
    session = replace(EMPTY, tracks=tracks)
    assert session.children(None) == (tracks[0], tracks[2])
    assert session.children("{f}") == (tracks[1],)
    assert session.track("{b}") is tracks[2]
    with pytest.raises(KeyError):
        session.track("{none}")


def test_effects_sound_unless_bypassed_or_the_chain_is_off():
    effects = (model.Fx("EQ"), model.Fx("Comp", active=False))
    assert Track("{a}", "a", fx=effects).active_fx == effects[:1]
    assert Track("{a}", "a", fx=effects, fx_enabled=False).active_fx == ()
