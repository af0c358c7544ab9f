"""JSON of the Lua actions: what Python writes they read, what they write Python reads."""

import json
import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reaper_double.lua_host import LUAS, LuaHost
from reaper_double.lua_values import from_lua, to_lua

PRELUDE = "local json = require('json') "
AGAIN = "return function(text) return json.encode(json.decode(text)) end"
REASON = "return function(text) local value, why = json.decode(text) return why, value == nil end"

WHOLE = st.integers(-(2**63), 2**63 - 1)
REAL = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | REAL | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.fixture(params=LUAS, scope="module")
def lua(request):
    """Runs a text with ``json`` at hand."""
    host = LuaHost(None, request.param)
    return lambda source, *arguments: host.execute(PRELUDE + source, *arguments)


@pytest.fixture(scope="module")
def again(lua):
    function = lua(AGAIN)
    return lambda text: from_lua(function(to_lua(text)))


@pytest.fixture(scope="module")
def reason(lua):
    return lua(REASON)


@settings(max_examples=50)
@given(value=VALUES)
def test_any_value_comes_back_as_it_was(again, value):
    assert json.loads(again(json.dumps(value))) == value


@settings(max_examples=50)
@given(value=VALUES)
def test_texts_come_back_however_they_are_escaped(again, value):
    assert json.loads(again(json.dumps(value, ensure_ascii=False, indent=1))) == value


@settings(max_examples=50)
@given(value=VALUES)
@example(value=-0.0)
def test_writing_again_changes_nothing(again, value):
    once = again(json.dumps(value))
    assert again(once) == once


@settings(max_examples=50)
@given(value=VALUES)
def test_it_is_one_line_of_utf8(again, value):
    text = again(json.dumps(value))
    assert "\n" not in text
    text.encode("utf-8")


@settings(max_examples=50)
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_every_digit(again, value):
    assert math.copysign(1.0, float(again(json.dumps(value)))) == math.copysign(1.0, value)
    assert float(again(json.dumps(value))) == value


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("[]", "[]"),
        ("{}", "{}"),
        ('{"b": [], "a": {}, "c": null}', '{"a":{},"b":[],"c":null}'),
        ("[null, 1]", "[null,1]"),
        ("[1.0, 2.50, 1e3, -0.5]", "[1,2.5,1000,-0.5]"),
        (r'"\u00e4\ud83c\udfb8\/\u007f"', '"ä🎸/\\u007f"'),
        (r'"\ud83cx"', '"�x"'),
    ],
)
def test_forms(again, text, written):
    assert again(text) == written


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "{", "[1", "[1,]", "[1 2]", '{"a"}', '{"a":}', '{"a":1,}', "{1:2}", '"a'),
        *('"\\x"', '"\\u12g4"', '"\n"', "tru", "nul", "+1", "01", "1.", ".5", "1.e3", "-", "NaN"),
        *("Infinity", "1 2", "[] x", "'a'"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(reason, text):
    why, is_nothing = reason(text)
    assert why.startswith("not JSON at character ")
    assert is_nothing
    with pytest.raises(ValueError, match=r"\w"):
        json.loads(text, parse_constant=int)


def test_lists_a_thousand_deep_do_not_end_the_script(reason):
    why, is_nothing = reason("[" * 1000 + "]" * 1000)
    assert "too many lists inside each other" in why
    assert is_nothing


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("0/0", "JSON has no number for"),
        ("1/0", "JSON has no number for inf"),
        ("-1/0", "JSON has no number for -inf"),
        ("print", "JSON has no value for a function"),
        ("{[true] = 1}", "JSON has no key that is a boolean"),
    ],
)
def test_what_json_cannot_say_is_an_error(lua, value, what):
    done, message = lua(f"return pcall(json.encode, {value})")
    assert not done
    assert what in message


def test_a_record_keeps_the_order_of_its_keys_and_leaves_out_what_has_no_value(lua):
    code = "return json.encode(json.record({'z', 'a', 'm'})({a = 1, z = json.array({})}))"
    assert lua(code) == '{"z":[],"a":1}'


def test_text_that_is_not_utf8_is_taken_for_windows_1252(lua):
    assert lua(r"return json.encode('K\xFChl \x80 \x81')") == '"Kühl € �"'
    assert lua(r"return json.encode('\xED\xA0\x80')") == '"í\xa0€"'
