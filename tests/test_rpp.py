"""REAPER's text format: what goes in comes out, and an edit touches one token."""

import math
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reaper_automix import rpp
from reaper_automix.errors import InputError

DATA = Path(__file__).parent / "data"

LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])
BLANKS = st.text(" \t", max_size=4)
# Anything that may stand in a line; that it is no block is up to its first character.
CONTENT = st.text(
    st.characters(exclude_characters="\r\n") | st.sampled_from("<>|\"'`#; \t=,\udcff"), max_size=30
)
PLAIN_LINES = CONTENT.filter(lambda text: text.lstrip(" \t\ufeff")[:1] not in ("<", ">"))
WORDS = st.text(st.characters(exclude_characters="\r\n"), max_size=40)


@st.composite
def texts(draw):
    """A well-formed text of nested blocks with mixed endings, and blanks in every place."""

    def line(content):
        return draw(BLANKS) + content + draw(LINE_ENDS)

    def block(depth):
        inside = "".join(
            block(depth - 1) if depth and draw(st.booleans()) else line(draw(PLAIN_LINES))
            for _ in range(draw(st.integers(0, 3)))
        )
        return line("<" + draw(CONTENT)) + inside + line(">")

    text = "".join(block(3) for _ in range(draw(st.integers(1, 2))))
    return text.rstrip("\r\n") if draw(st.booleans()) else text


def test_every_real_project_comes_out_byte_for_byte(shared_data):
    files = [file for file in shared_data.rglob("*") if ".rpp" in file.suffix.lower()]
    assert len(files) >= 113
    for file in files:
        data = file.read_bytes()
        assert rpp.encode(rpp.dump(rpp.parse(rpp.decode(data)))) == data, file


def test_our_own_projects_come_out_byte_for_byte():
    for file in DATA.glob("*.rpp"):
        text = file.read_bytes()
        assert rpp.encode(rpp.dump(rpp.parse(rpp.decode(text)))) == text, file


@given(texts())
def test_any_well_formed_text_comes_out_as_it_went_in(text):
    assert rpp.dump(rpp.parse(text)) == text


@given(st.binary(max_size=200))
def test_any_bytes_survive_the_way_in_and_out(data):
    assert rpp.encode(rpp.decode(data)) == data


@given(st.binary(max_size=50))
def test_a_token_can_always_be_printed(data):
    rpp.readable(rpp.decode(data)).encode("utf-8")


def test_text_that_is_not_utf8_is_taken_for_windows_1252():
    assert rpp.readable(rpp.decode("Träck".encode("cp1252"))) == "Träck"
    assert rpp.readable("Träck ✓") == "Träck ✓"


@given(WORDS)
@example("")
@example("<TRACK")
@example("a\u00a0b\u2028c")
@example("#1")
@example('it\'s "loud"')
def test_a_token_comes_back_from_its_quotes(word):
    if all(mark in word for mark in rpp.QUOTES):
        word = word.replace("`", "'")
    for always in (False, True):
        assert rpp.fields(f"  NAME {rpp.quote(word, always=always)} 1\r\n") == ["NAME", word, "1"]


def test_quotes_are_those_that_reaper_chooses(shared_data):
    """Every track name of the project made for this, and the lines REAPER wrote for them."""
    file = shared_data / "rpp/CharlesHolbrow__rppp/tricky-strings.RPP"
    tracks = rpp.parse(rpp.decode(file.read_bytes())).block("REAPER_PROJECT").blocks("TRACK")
    lines = [re.search(r"NAME (.*?)\r\n", "".join(rpp.dump(track)))[1] for track in tracks]
    assert len(lines) == 17
    for line in lines:
        assert rpp.quote(rpp.fields(f"NAME {line}")[1]) == line


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("", []),
        ("  \t \r\n", []),
        ("NAME", ["NAME"]),
        ('NAME ""', ["NAME", ""]),
        ("\tNAME\t'a \"b\"'  `c'd`\n", ["NAME", 'a "b"', "c'd"]),
        ("NAME hel\"lo wor'ld", ["NAME", 'hel"lo', "wor'ld"]),
        ('NAME "never closed\r\n', ["NAME", "never closed"]),
        ("NAME a\u00a0b", ["NAME", "a\u00a0b"]),
        ("AUXRECV 2 0 -1:U ''\r\n", ["AUXRECV", "2", "0", "-1:U", ""]),
    ],
)
def test_fields_are_split_at_blanks_outside_quotes(line, tokens):
    assert rpp.fields(line) == tokens


@given(st.lists(WORDS, min_size=1, max_size=6), BLANKS, LINE_ENDS, st.data())
def test_an_edit_changes_one_token_and_nothing_else(words, indent, end, data):
    words = [word.replace("`", "") for word in words]
    index = data.draw(st.integers(0, len(words)))
    line = f"{indent}{'  '.join(rpp.quote(word) for word in words)}{end}"
    edited = rpp.with_field(line, index, "0.5")
    assert rpp.fields(edited) == [*words[:index], "0.5", *words[index + 1 :]]
    assert edited.startswith(indent)
    assert edited.endswith(end)


def test_a_token_is_added_only_right_after_the_last():
    with pytest.raises(ValueError, match="no place for token 3"):
        rpp.with_field("VOLPAN 1\n", 3, "0")


def test_blocks_are_told_by_the_first_character_alone():
    text = '<A "x > y"\n  NAME <B\n  NAME ">"\n  |<C\n  |>\n  <D\n  >\n  = >\n>\n'
    (block,) = rpp.parse(text).blocks()
    assert (block.name, block.arguments) == ("A", ["x > y"])
    assert [inner.name for inner in block.blocks()] == ["D"]
    assert len(block.body) == 6


def test_the_first_line_of_a_key_counts_and_whole_keys_only():
    block = rpp.parse("<A\n  VOLPANX 9\n  X VOLPAN\n  VOLPAN 1\n  VOLPAN 2\n>\n").block("A")
    assert block.values("VOLPAN") == ["1"]
    assert block.table().text("VOLPAN") == "1"
    assert block.edit("VOLPAN", 1, "3")
    assert rpp.dump(block) == "<A\n  VOLPANX 9\n  X VOLPAN\n  VOLPAN 3\n  VOLPAN 2\n>\n"
    assert not block.edit("MUTE", 1, "3")
    assert block.values("MUTE") is None


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("inner", ["\t\tX 1{end}", ""])
def test_new_lines_take_indent_and_ending_from_the_file(end, inner):
    text = f"\t<A{end}{inner.format(end=end)}\t>{end}"
    block = rpp.parse(text).block("A")
    block.add_line("KEY", rpp.quote("a b"), at=0)
    block.add_block("B", "2").add_line("DEEP")
    indent = "\t\t" if inner else "\t  "
    added = f'{indent}KEY "a b"{end}'
    rest = f"{indent}<B 2{end}{indent}  DEEP{end}{indent}>{end}"
    assert rpp.dump(block) == f"\t<A{end}{added}{inner.format(end=end)}{rest}\t>{end}"


def test_free_text_is_what_follows_the_bars():
    block = rpp.parse("<NOTES\r\n  |one\r\n  |\r\n  | two > |three\r\n>").block("NOTES")
    assert block.free_text() == "one\n\n two > |three"


def test_a_byte_order_mark_is_no_part_of_a_name():
    text = "\ufeff<REAPER_PROJECT 0.1\n>\n"
    assert rpp.parse(text).block("REAPER_PROJECT").arguments == ["0.1"]


def test_depth_has_no_limit():
    text = "<A\n" * 20_000 + ">\n" * 20_000
    tree = rpp.parse(text)
    assert rpp.dump(tree) == text
    assert sum(1 for _ in tree.walk()) == 20_001


def test_walk_goes_in_the_order_of_the_file():
    tree = rpp.parse("<A\n<B\n<C\n>\n>\n<D\n>\n>\n<E\n>\n")
    assert [node.name for node in tree.walk()] == ["", "A", "B", "C", "D", "E"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<A\n  <B\n  >\n", r"song.RPP is cut off: the block <A of line 1 is never closed"),
        ("<A\n>\n\n  <B\n", r"song.RPP is cut off: the block <B of line 4 is never closed"),
        ("<A\n>\n>\n<B\n", r"song.RPP is damaged: line 3 closes a block that was never opened"),
    ],
)
def test_blocks_that_do_not_match_are_named_by_line(text, said):
    with pytest.raises(InputError, match=said):
        rpp.parse(text, "song.RPP")


@given(st.floats(0.0, 16.0))
def test_a_fader_is_written_as_reaper_writes_it(gain):
    text = rpp.number_text(gain)
    assert re.fullmatch(r"\d+(\.\d{0,13}[1-9])?", text)
    assert abs(float(text) - gain) <= 1e-14
    assert rpp.number_text(float(text)) == text


def test_numbers_that_reaper_wrote_are_written_alike(shared_data):
    for file in (shared_data / "rpp").rglob("*.[Rr][Pp][Pp]"):
        for node in rpp.parse(rpp.decode(file.read_bytes())).walk():
            for text in (node.values("VOLPAN") or [])[:1]:
                assert rpp.number_text(float(text)) == (text.rstrip("0").rstrip(".") or "0")


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_what_is_no_number_is_never_written(number):
    with pytest.raises(ValueError, match="cannot stand in a project"):
        rpp.number_text(number)


@pytest.mark.parametrize(
    ("token", "number"),
    [
        ("0.5", 0.5), ("0,5", 0.5), ("-1e-3", -0.001), ("0x10", 16.0), ("nan", 9.0), ("inf", 9.0),
        ("1.#IND", 9.0), ("-1:U", 9.0), ("", 9.0), ("9" * 400, 9.0), ("1e999", 9.0),
    ],
)  # fmt: skip
def test_numbers_are_read_as_reaper_reads_them_and_never_wildly(token, number):
    assert rpp.real(["KEY", token], 1, 9.0) == number


@pytest.mark.parametrize(
    ("token", "number"),
    [
        ("4", 4),
        ("0x4", 4),
        ("4.9", 4),
        ("-2", -2),
        ("4294967295", 4294967295),
        ("x", 7),
        ("9" * 400, 7),
        ("1e300", 7),
        ("", 7),
    ],
)
def test_whole_numbers(token, number):
    assert rpp.whole(["KEY", token], 1, 7) == number
    assert rpp.whole(["KEY"], 1, 7) == 7
