"""The small EEL2 that plays our effect: its arithmetic, and that it passes nothing over."""

import pytest

from eel2.effect import Effect
from eel2.lexer import EelError

HEAD = "desc:Test\nslider1:a=1<0,9,1>A\n"


@pytest.fixture
def effect(tmp_path):
    def load(code, head=HEAD):
        file = tmp_path / "test.jsfx"
        file.write_text(f"{head}{code}")
        return Effect(file)

    return load


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3 - 4", 3.0),
        ("12 / 3 / 2", 2.0),
        ("12 / 3 * 2", 8.0),
        ("7 - 2 - 1", 4.0),
        ("2 ^ 3", 8.0),
        ("-2 * -3", 6.0),
        ("1 < 2", 1.0),
        ("0.000001 == 0", 1.0),
        ("0.000001 === 0", 0.0),
        ("0.000001 ? 1 : 2", 2.0),
        ("!0.5", 0.0),
        ("1 && 0 || 1", 1.0),
        ("0 ? 1 : 1 ? 2 : 3", 2.0),
        ("(a = 4; a + 1)", 5.0),
        ("(b = 3) + (b = 4) * b", 19.0),
        ("A", 1.0),
        ("(5[2] = 7; 6[1])", 7.0),
        ("(c = 1; loop(3, c *= 2;); c)", 8.0),
        ("max(min(3, 9), sqr(2))", 4.0),
        (".5", 0.5),
    ],
)
def test_a_value_is_what_eel2_says(text, value, effect):
    assert effect(f"@init\nresult = {text};\n").state["result"] == value


def test_a_function_has_its_own_names_and_those_of_what_it_belongs_to(effect):
    code = """@init
function add(x) instance(sum) local(twice) ( twice = 2 * x; sum += twice; this.count += 1; );
function both(x) ( this.inner.add(x); this.add(x); other.add(1); );
one.add(3); one.add(4); two.both(5);
"""
    state = effect(code).state
    assert (state["one.sum"], state["one.count"]) == (14.0, 2.0)
    assert (state["two.sum"], state["two.inner.sum"], state["other.sum"]) == (10.0, 10.0, 2.0)


def test_sound_goes_through_the_sections_in_their_order(effect):
    loaded = effect("@init\ng = 1;\n@slider\ng *= a;\n@block\ng += 1;\n@sample\nspl0 *= g;\n")
    loaded.move([5.0])
    assert loaded.play([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]], 2).tolist() == [[6, 6, 7], [1, 1, 1]]


@pytest.mark.parametrize(
    "code",
    [
        "@init\nx = nothing(1);\n",
        "@init\nx = sin(1, 2);\n",
        "@init\nx = y + 1;\n",
        "@init\nx = 1e5;\n",
        "@init\nx = (1;\n",
        "@init\nx = 1 y = 2;\n",
        "@init\n1 = x;\n",
        "@init\nx = #name;\n",
        "@init\nx = this.y;\n",
        "@init\ngfx_rect(1, 2, 3, 4);\n",
        "@init\nfunction f(x) ( f(x); );\nf(1);\n",
        "@init\nfunction f(x) ( x; );\nfunction f(x) ( x; );\n",
        "@init\nf(1);\nfunction f(x) ( x; );\n",
        "@init\nfunction f(x) ( g(x); );\nfunction g(x) ( x; );\nf(1);\n",
        "@init\nfunction f(x) ( x; );\nf(1, 2);\n",
        "@init\nfunction f(1) ( 1; );\n",
        "@serialize\nx = 1;\n",
        "@sample 2\nspl0 = 0;\n",
        "@block\nx = 1;\n@block\nx = 2;\n",
    ],
)
def test_what_is_not_known_is_an_error(code, effect):
    with pytest.raises(EelError):
        effect(code)


@pytest.mark.parametrize(
    "line", ["slider2:b=1<0,1,1>B", "slider1:0<0,1,1>no name", "filename:0,x.wav", "nonsense"]
)
def test_a_header_that_is_not_known_is_an_error(line, effect):
    with pytest.raises(EelError):
        effect("@init\nx = 1;\n", f"desc:Test\n{line}\n")


def test_a_number_divided_by_nothing_is_no_number(effect):
    with pytest.raises(ZeroDivisionError):
        effect("@init\nx = 0;\ny = 1 / x;\n")
