"""What answers say: known tastes come out again, and who does not hear is left out."""

import itertools
import json
from dataclasses import replace
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from listening_kits import TASTES, kit, scattered, session
from reaper_automix import cli
from reaper_automix.errors import InputError
from reaper_automix.listening import answers, findings, screening, statistics
from reaper_automix.listening import key as keys
from reaper_automix.listening.analysis import analysed
from reaper_automix.listening.picture import picture

LISTENERS = 15
FORMS = ["no reference", "reference"]


@pytest.fixture(scope="module")
def all_keys():
    return {form: kit(form, songs=3, seconds=0.2).key for form in FORMS}


def crowd(key, listeners=LISTENERS, spread=6.0):
    return [session(key, number, scattered(number, spread)) for number in range(listeners)]


def careless(key, number=99):
    """Somebody who grades without listening."""
    generator = np.random.default_rng(number)
    return session(key, number, lambda trial, condition: generator.integers(0, 101))


# statistics


@given(
    st.lists(st.integers(-20, 20), min_size=1, max_size=11).filter(any),
    st.floats(0.1, 10.0),
)
def test_signed_ranks_are_those_of_all_signs_counted_out(differences, scale):
    """Counted out the slow way, ties and zeros as Wilcoxon has them."""
    moved = np.array([one for one in differences if one], float)
    ranks = stats.rankdata(np.abs(moved))
    sums = np.array(
        [np.dot(ranks, signs) for signs in itertools.product((0, 1), repeat=len(ranks))]
    )
    rising = ranks[moved > 0].sum()
    fewer = min(rising, ranks.sum() - rising)
    wanted = min(1.0, 2.0 * np.mean(sums <= fewer + 1e-9))
    assert statistics.signed_rank_p(np.array(differences) * scale) == pytest.approx(wanted)


def test_signed_ranks_without_ties_are_those_of_scipy():
    differences = np.random.default_rng(0).normal(0.4, 1.0, 30)
    wanted = stats.wilcoxon(differences, method="exact").pvalue
    assert statistics.signed_rank_p(differences) == pytest.approx(wanted)


def test_no_differences_are_no_difference():
    assert statistics.signed_rank_p(np.zeros(9)) == 1.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.randoms())
def test_holm_keeps_order_and_never_makes_surer(chances, random):
    corrected = statistics.holm(chances)
    assert all(one <= other <= 1.0 for one, other in zip(chances, corrected, strict=True))
    ranked = [corrected[at] for at in np.argsort(chances)]
    assert ranked == sorted(ranked)
    order = random.sample(range(len(chances)), len(chances))
    assert sorted(statistics.holm([chances[at] for at in order])) == sorted(corrected)


def test_intervals_hold_the_median_as_often_as_they_say():
    generator = np.random.default_rng(1)
    held = 0
    for _ in range(100):
        found = statistics.summary(generator.normal(50.0, 10.0, (20, 1)))
        held += found.low <= 50.0 <= found.high
    assert held >= 88


def test_grades_of_one_listener_are_not_many_listeners():
    """Thirty songs of five listeners who differ are no surer than one song of theirs."""
    tastes = np.random.default_rng(2).normal(50.0, 15.0, (5, 1))
    one, many = statistics.summary(tastes), statistics.summary(np.tile(tastes, (1, 30)))
    assert (many.low, many.high) == (one.low, one.high)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=20))
def test_the_same_answers_give_the_same_figures(grades):
    column = np.array(grades, float)[:, None]
    found = statistics.summary(column)
    assert found == statistics.summary(column)
    assert min(grades) <= found.low <= found.median <= found.high <= max(grades)


# screening


@pytest.mark.parametrize("form", FORMS)
def test_who_hears_counts_and_who_does_not_is_left_out(all_keys, form):
    key = all_keys[form]
    found = screening.screened([*crowd(key), careless(key)], key)
    assert [one.counts for one in found] == [True] * LISTENERS + [False]


def sloppy(condition, grade, often):
    """A listener who gives one condition a wrong grade in the first trials."""
    seen = []

    def given_grade(trial, name):
        if name == condition and len(seen) < often:
            seen.append(trial)
            return grade
        return TASTES[name]

    return given_grade


@pytest.mark.parametrize(
    ("form", "condition", "grade", "why"),
    [
        ("reference", "hidden reference", 89, "graded the hidden reference below 90 in 1 of 3"),
        ("reference", "mid anchor", 91, "graded the mid anchor above 90 in 1 of 3"),
        ("no reference", "low anchor", 56, "graded the low anchor above half of the others"),
    ],
)
def test_one_trial_of_three_is_too_many(all_keys, form, condition, grade, why):
    key = all_keys[form]
    everyone = [*crowd(key), session(key, 50, sloppy(condition, grade, 1))]
    *others, last = screening.screened(everyone, key)
    assert all(one.counts for one in others)
    assert any(sentence.startswith(why) for sentence in last.why)


@pytest.mark.parametrize(
    ("form", "condition", "grade"),
    [("reference", "hidden reference", 90), ("reference", "mid anchor", 90)],
)
def test_the_edge_itself_is_allowed(all_keys, form, condition, grade):
    key = all_keys[form]
    (only,) = screening.screened([session(key, 0, sloppy(condition, grade, 3))], key)
    assert only.counts


def test_up_to_fifteen_per_cent_is_allowed():
    key = kit("reference", songs=7, seconds=0.2).key
    for often, counts in ((1, True), (2, False)):
        grade = sloppy("hidden reference", 50, often)
        (only,) = screening.screened([session(key, 0, grade)], key)
        assert only.counts is counts


def test_a_mid_anchor_that_many_take_for_the_reference_leaves_nobody_out(all_keys):
    key = all_keys["reference"]

    def fooled(trial, condition):
        return 95 if trial.song == 0 and condition == "mid anchor" else TASTES[condition]

    everyone = [session(key, number, fooled) for number in range(4)]
    assert all(one.counts for one in screening.screened(everyone, key))


@pytest.mark.parametrize(("apart", "counts"), [(20, True), (21, False)])
def test_a_trial_that_comes_twice_is_graded_alike(all_keys, apart, counts):
    key = all_keys["no reference"]

    def shifted(trial, condition):
        return TASTES[condition] + (apart if trial.repeats else 0)

    (only,) = screening.screened([session(key, 0, shifted)], key)
    assert only.counts is counts


# analysis


@pytest.mark.parametrize("form", FORMS)
def test_known_tastes_come_out_again(all_keys, form):
    key = all_keys[form]
    found = analysed([*crowd(key), careless(key)], key)
    assert found.counted == LISTENERS
    for one in found.graded:
        assert one.overall.median == pytest.approx(TASTES[one.condition], abs=4.0)
        assert one.overall.low <= one.overall.median <= one.overall.high
        assert len(one.by_song) == 3
    for pair in found.pairs:
        wanted = TASTES[pair.first] - TASTES[pair.second]
        assert pair.difference == pytest.approx(wanted, abs=6.0)
        assert pair.p_holm < 0.05
        assert "anchor" not in pair.first + pair.second


def test_conditions_that_are_graded_the_same_do_not_differ(all_keys):
    key = all_keys["no reference"]
    same = [session(key, number, lambda trial, condition: 50) for number in range(8)]
    found = analysed(same, key)
    assert found.counted == 8
    assert {pair.p_holm for pair in found.pairs} == {1.0}
    assert {one.overall.low for one in found.graded} == {50.0}


@settings(max_examples=8)
@given(st.permutations(range(6)))
def test_the_order_of_files_changes_nothing(order):
    key = ORDERED_KEY
    everyone = crowd(key, 6)
    one, other = analysed(everyone, key), analysed([everyone[at] for at in order], key)
    assert one.pairs == other.pairs
    assert [row.overall.median for row in one.graded] == [
        row.overall.median for row in other.graded
    ]


ORDERED_KEY = kit(seconds=0.2).key


def test_few_listeners_and_one_mix_under_two_names_are_told(all_keys):
    key = all_keys["no reference"]
    song = replace(key.songs[0], alike=(("default", "lufs"),))
    found = analysed(
        [session(key, n, listener="Ann") for n in range(2)],
        replace(key, songs=(song, *key.songs[1:])),
    )
    assert found.notes[0].startswith("With 2 listeners")
    assert "Several sessions have the same listener: Ann." in found.notes
    assert found.notes[2].endswith("in Song 0: Default balance, Published: full band.")


def test_nobody_left_is_said(all_keys):
    key = all_keys["reference"]
    with pytest.raises(InputError, match="No listener is left after the screening"):
        analysed([careless(key)], key)


# files


@pytest.fixture
def answered(tmp_path, all_keys):
    """A folder of answers beside their key."""
    key = all_keys["reference"]
    folder = tmp_path / "answers"
    folder.mkdir()
    (folder / "key.json").write_bytes(keys.to_json(key))
    for one in crowd(key, 8):
        (folder / f"{one.session}.json").write_bytes(msgspec.json.encode(one))
    return folder


def changed(path, change):
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def grade_of(document, value):
    document["trials"][0]["stimuli"][0]["grade"] = value


BROKEN = {
    "is no result": lambda document: document.pop("trials"),
    "belongs to another kit": lambda document: document.update(kit="other"),
    "<= 100": lambda document: grade_of(document, 101),
    "Expected `int`": lambda document: grade_of(document, 50.5),
    "lacks trial": lambda document: document["trials"].pop(),
    "twice": lambda document: document["trials"].append(document["trials"][0]),
    "unknown trial": lambda document: document["trials"][0].update(trial="x"),
    "every stimulus": lambda document: document["trials"][0]["stimuli"].pop(),
    "schema_version": lambda document: document.update(schema_version=2),
    "$.format": lambda document: document.update(format="other"),
}


@pytest.mark.parametrize("said", BROKEN)
def test_a_file_that_is_not_what_the_page_writes_is_named(answered, said):
    changed(answered / "00000003.json", BROKEN[said])
    with pytest.raises(InputError) as error:
        answers.read([answered], keys.read(answered / "key.json"))
    assert "1 of 8 result files cannot be used" in str(error.value)
    assert "00000003.json" in str(error.value)
    assert said in str(error.value)


def test_all_that_is_wrong_is_told_at_once(answered):
    (answered / "a.json").write_bytes(b"\xff")
    (answered / "b.json").write_bytes((answered / "00000001.json").read_bytes())
    with pytest.raises(InputError) as error:
        answers.read([answered], keys.read(answered / "key.json"))
    message = str(error.value)
    assert "2 of 10" in message
    assert "a.json is no result" in message
    assert "b.json is the same session as 00000001.json" in message


def run(capsys, *arguments):
    code = cli.run(["listening-test", "analyse", *map(str, arguments)])
    return code, *capsys.readouterr()


def test_the_command_tells_and_writes_what_was_found(answered, capsys):
    out = answered.parent / "findings"
    code, told, _ = run(capsys, answered, "--out", out)
    assert code == 0
    assert "8 listeners, 8 of them counted, 3 songs." in told
    assert "Default balance" in told
    assert sorted(path.name for path in out.glob("[!.]*")) == ["findings.html", "findings.svg"]
    before = (out / "findings.html").read_bytes()
    assert run(capsys, answered, "--out", out)[0] == 0
    assert (out / "findings.html").read_bytes() == before


def test_findings_lie_beside_the_folder_of_the_key(answered, capsys):
    code, told, _ = run(capsys, answered, "--quiet")
    assert (code, told) == (0, "")
    assert (answered.parent / "answers-findings" / "findings.svg").is_file()


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"format": "other"}'])
def test_a_key_that_is_none_is_one_sentence(answered, capsys, content):
    (answered / "key.json").write_bytes(content)
    code, told, complaint = run(capsys, answered)
    assert (code, told) == (3, "")
    assert "is not the key of a listening test" in complaint
    assert sorted(path.name for path in answered.parent.iterdir()) == ["answers"]


def test_a_folder_without_answers_is_one_sentence(answered, capsys):
    for file in answered.glob("0*.json"):
        file.unlink()
    code, _, complaint = run(capsys, answered)
    assert code == 3
    assert "holds no result files" in complaint


# what is shown


@pytest.mark.parametrize("form", FORMS)
def test_the_picture_is_a_picture_and_stands_where_the_numbers_say(all_keys, form):
    key = all_keys[form]
    found = analysed(crowd(key), key)
    tree = ElementTree.fromstring(str(picture(found)))
    medians = tree.findall("{*}circle[@class='median']")
    assert len(medians) == len(found.graded)
    places = [float(mark.get("cx")) for mark in medians]
    grades = [one.overall.median for one in found.graded]
    assert np.corrcoef(places, grades)[0, 1] == pytest.approx(1.0)
    assert len(tree.findall("{*}circle[@class='one']")) == LISTENERS * len(found.graded)


def test_what_listeners_write_is_text_and_nothing_else(all_keys, tmp_path):
    key = all_keys["reference"]
    hostile = "<script>document.title = 'taken'</script>\u202e"
    found = analysed([session(key, 0, listener=hostile, comment=hostile)], key)
    (page, _) = findings.write(found, tmp_path / "out")
    text = (tmp_path / "out" / "findings.html").read_text("utf-8")
    assert page.kind == "findings"
    assert "<script" not in text
    assert "\u202e" not in text
