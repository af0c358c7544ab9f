"""The page of a listening test in headless Chromium, by its keys alone.

Set AUTOMIX_SHOTS to a folder to keep the screenshots.
"""

import json
import os
import time
from itertools import count
from pathlib import Path

import pytest

import chromium
from listening_kits import TASTES, kit
from reaper_automix.listening import answers
from reaper_automix.listening.analysis import analysed
from reaper_automix.listening.conditions import of_form
from reaper_automix.listening.page import page

pytestmark = pytest.mark.browser

HEARD_S = 0.05
FAULTS = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}
KEYS = {
    " ": ("Space", 32, " "),
    "Enter": ("Enter", 13, "\r"),
    "Tab": ("Tab", 9, ""),
    "ArrowUp": ("ArrowUp", 38, ""),
    "ArrowDown": ("ArrowDown", 40, ""),
    "PageUp": ("PageUp", 33, ""),
    "PageDown": ("PageDown", 34, ""),
    "Home": ("Home", 36, ""),
    "End": ("End", 35, ""),
}
"""Code, number and text of the keys that are no digits, as the protocol wants them."""
PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def browser():
    with chromium.browser() as running:
        running.open_page()
        yield running


@pytest.fixture(scope="module")
def kits():
    return {form: kit(form) for form in ("no reference", "reference")}


@pytest.fixture
def downloads(browser, tmp_path):
    folder = tmp_path / "downloads"
    folder.mkdir()
    browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    return folder


@pytest.fixture
def listener(browser, kits, tmp_path, downloads):
    return Listener(browser, kits, tmp_path, downloads)


class Listener:
    """Somebody with a keyboard and no mouse."""

    def __init__(self, browser, kits, folder, downloads):
        self.browser, self.kits, self.folder, self.downloads = browser, kits, folder, downloads
        self.numbers_of_pages = count()

    def open(self, form="no reference", seed=7, width=1280, dark=False):
        """A fresh page; what an earlier one kept is forgotten."""
        self.kit = self.kits[form]
        # A new name each time: an address that differs in its hash alone loads nothing.
        file = self.folder / f"{next(self.numbers_of_pages)}.html"
        file.write_bytes(page(self.kit, least_heard_s=HEARD_S))
        self.url = f"{file.as_uri()}#seed={seed}"
        self.browser.show(self.url, width=width, dark=dark)
        self.ask("localStorage.clear()")
        self.reload()

    def reload(self):
        self.browser.events = []
        self.browser.call("Page.reload")
        self.browser.wait("Page.loadEventFired")

    def ask(self, expression):
        return self.browser.evaluate(expression)

    def press(self, *keys):
        for key in keys:
            code, number, text = KEYS.get(key, (f"Digit{key}", ord(key[0]), key))
            given = {"key": key, "code": code, "windowsVirtualKeyCode": number}
            self.browser.call("Input.dispatchKeyEvent", type="keyDown", text=text, **given)
            self.browser.call("Input.dispatchKeyEvent", type="keyUp", **given)

    def tab_to(self, selector):
        """Tab on until something has the focus."""
        for _ in range(40):
            if self.ask(f"document.activeElement.matches({json.dumps(selector)})"):
                return
            self.press("Tab")
        raise AssertionError(f"Tab does not lead to {selector}")

    def wait(self, expression):
        end = time.monotonic() + PATIENCE_S
        while not self.ask(expression):
            assert time.monotonic() < end, expression
            time.sleep(0.02)

    @property
    def section(self):
        return self.ask("[...document.querySelectorAll('section')].find(s => !s.hidden).id")

    @property
    def title(self):
        return self.ask("document.querySelector('#trial-title').textContent")

    def begin(self):
        self.tab_to("#begin")
        self.press("Enter")
        self.wait("document.querySelectorAll('#stimuli li').length > 0")
        self.wait("document.querySelector('#status').textContent === ''")

    def hear(self, *numbers):
        for number in numbers:
            self.press(str(number))
            what = "'#reference'" if number == 0 else f"'#stimuli li:nth-child({number}) .pick'"
            heard = f"document.querySelector({what}).classList.contains('heard')"
            if number:
                self.wait(heard)
            else:
                time.sleep(3 * HEARD_S)

    @property
    def numbers(self):
        return range(1, 1 + self.ask("document.querySelectorAll('#stimuli li').length"))

    def train(self):
        self.begin()
        self.hear(*([0] if self.kit.form == "reference" else []), *self.numbers)
        self.next()

    def next(self):
        self.tab_to("#next")
        self.press("Enter")
        loaded = "document.querySelector('#status').textContent === ''"
        self.wait(f"document.querySelector('#trial').hidden || {loaded}")

    def grade(self, number, value):
        """Grade from the lower end of the scale upwards."""
        self.hear(number)
        tens, ones = divmod(value, 10)
        self.press("Home", *["PageUp"] * tens, *["ArrowUp"] * ones)

    def kept(self):
        """What the page keeps in the browser."""
        return json.loads(self.ask("localStorage.getItem(localStorage.key(0))"))

    def grade_by_taste(self, number):
        """What nobody sees, but the browser keeps: which stimulus it is that was graded."""
        before = self.kept()["grades"]
        self.grade(number, 0)
        (stimulus,) = self.kept()["grades"].keys() - before.keys()
        (condition,) = (
            trial.conditions[stimulus]
            for trial in self.kit.key.trials
            if stimulus in trial.conditions
        )
        self.grade(number, TASTES[condition])

    def shoot(self, name):
        if folder := os.environ.get("AUTOMIX_SHOTS"):
            Path(folder, f"listening-{name}.png").write_bytes(self.browser.screenshot())

    def saved(self):
        self.tab_to("#save")
        self.press("Enter")
        end = time.monotonic() + PATIENCE_S
        while not (files := list(self.downloads.glob("*.json"))):
            assert time.monotonic() < end
            time.sleep(0.02)
        return files[0]


@pytest.mark.parametrize("form", ["no reference", "reference"])
def test_a_whole_session_by_keys_gives_results_that_can_be_analysed(listener, form):
    """The listener grades by taste, and these tastes are what the analysis finds."""
    listener.open(form)
    listener.shoot(f"{form}-intro")
    listener.train()
    for trial in range(len(listener.kit.trials)):
        assert listener.title == f"Trial {trial + 1} of {len(listener.kit.trials)}"
        if form == "reference":
            listener.hear(0)
        for number in listener.numbers:
            listener.grade_by_taste(number)
        listener.shoot(f"{form}-trial")
        listener.next()
    assert listener.section == "end"
    listener.shoot(f"{form}-end")
    (read,) = answers.read([listener.saved()], listener.kit.key)
    assert (read.seed, read.playback, read.language) == (7, "headphones", "en")
    assert all(one.heard_s >= HEARD_S for trial in read.trials for one in trial.stimuli)
    found = analysed([read], listener.kit.key)
    assert {one.condition: one.overall.median for one in found.graded} == {
        one.name: TASTES[one.name] for one in of_form(form)
    }
    assert listener.browser.seen(*FAULTS) == []
    requests = listener.browser.seen("Network.requestWillBeSent")
    addresses = {one["params"]["request"]["url"].partition(":")[0] for one in requests}
    assert addresses <= {"file", "blob"}


def orders(listener, seed):
    """The sounds of the first trial from left to right, and of the whole kit, as they are drawn."""
    listener.open(seed=seed)
    listener.begin()
    kept = listener.kept()
    assert kept["answers"]["seed"] == seed
    listener.hear(*listener.numbers)
    listener.next()
    for number in listener.numbers:
        listener.grade(number, number)
    listener.next()
    kept = listener.kept()
    (first,) = kept["answers"]["trials"]
    return first["trial"], tuple(one["stimulus"] for one in first["stimuli"])


def test_every_seed_has_its_own_order_and_always_the_same(listener):
    drawn = {seed: orders(listener, seed) for seed in (1, 2)}
    assert orders(listener, 1) == drawn[1]
    assert drawn[1] != drawn[2]
    stimuli = {trial.id: set(trial.stimuli) for trial in listener.kit.trials}
    for trial, order in drawn.values():
        assert len(order) == len(set(order))
        assert set(order) == stimuli[trial]


def test_nobody_goes_on_without_having_heard_and_graded_everything(listener):
    listener.open()
    listener.begin()
    listener.hear(*listener.numbers)
    listener.next()
    listener.grade(1, 40)
    listener.hear(2)
    listener.press(" ")  # while something plays, whatever has the focus is heard
    listener.tab_to("#next")
    listener.press("Enter")
    assert listener.title == "Trial 1 of 2"
    missing = listener.ask("document.querySelector('#missing').textContent")
    assert missing == "Before you go on: listen to 3, 4, 5, 6; grade 2, 3, 4, 5, 6"
    assert listener.ask("document.querySelector('#next').getAttribute('aria-disabled')") == "true"


def test_the_middle_is_a_grade_once_it_is_said(listener):
    listener.open()
    listener.train()
    listener.hear(1)
    value = "document.querySelector('#stimuli input').getAttribute('aria-valuetext')"
    assert listener.ask(value) == "not graded yet"
    listener.press("Enter")
    assert listener.ask(value) == "50, Fair"
    listener.press("PageDown", "PageDown", "ArrowUp")
    assert listener.ask(value) == "31, Poor"


def test_space_plays_and_stops_and_sounds_change_without_a_pause(listener):
    listener.open()
    listener.train()
    running = "document.querySelector('#trial').classList.contains('running')"
    pressed = (
        "[...document.querySelectorAll('.stimuli .pick')]"
        ".map(one => one.getAttribute('aria-pressed')).indexOf('true') + 1"
    )
    listener.hear(3)
    assert (listener.ask(running), listener.ask(pressed)) == (True, 3)
    listener.press("5")
    assert (listener.ask(running), listener.ask(pressed)) == (True, 5)
    listener.press(" ")
    assert listener.ask(running) is False
    listener.press(" ")
    listener.wait(running)
    assert listener.ask(pressed) == 5


def test_a_session_goes_on_where_it_stopped(listener):
    listener.open(seed=11)
    listener.train()
    for number in listener.numbers:
        listener.grade(number, 10 * number)
    listener.next()
    listener.grade(2, 33)
    listener.reload()
    assert listener.section == "intro"
    listener.tab_to("#resume")
    listener.press("Enter")
    listener.wait("document.querySelectorAll('#stimuli li').length > 0")
    assert listener.title == "Trial 2 of 2"
    listener.wait("document.querySelector('#stimuli li:nth-child(2) input').value === '33'")
    graded = "[...document.querySelectorAll('#stimuli li')].map(one => !one.matches('.ungraded'))"
    assert listener.ask(graded) == [False, True, False, False, False, False]
    kept = listener.kept()
    (first,) = kept["answers"]["trials"]
    assert [one["grade"] for one in first["stimuli"]] == [10, 20, 30, 40, 50, 60]


def test_chinese_is_one_key_away_and_says_everything(listener):
    listener.open("reference")
    listener.tab_to("[data-language=zh]")
    listener.press("Enter")
    assert listener.ask("document.documentElement.lang") == "zh-CN"
    assert listener.ask("document.querySelector('h1').textContent") == "欢迎"
    listener.train()
    assert listener.title == "第 1 组，共 1 组"
    latin = listener.ask(
        """[...document.querySelectorAll('main :not(kbd)')]
           .filter(one => !one.children.length && one.checkVisibility())
           .map(one => one.textContent.replace(/Page (Up|Down)/g, ''))
           .filter(text => /[a-z]{3}/.test(text)).join()"""
    )
    assert latin == ""


def test_a_screen_reader_finds_a_name_and_a_role_for_everything(listener):
    listener.open("reference")
    listener.train()
    listener.browser.call("Accessibility.enable")
    nodes = listener.browser.call("Accessibility.getFullAXTree")["nodes"]
    found = {}
    for node in nodes:
        if not node["ignored"]:
            role, name = node["role"]["value"], node.get("name", {}).get("value", "")
            found.setdefault(role, []).append(name)
    assert found["slider"] == [f"Grade of sound {number}" for number in listener.numbers]
    assert "Sound 3, not heard yet" in found["button"]
    assert all(found["button"])
    assert found["heading"] == ["Trial 1 of 1"]
    assert "main" in found


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_the_screen(listener, width, dark):
    listener.open("reference", width=width, dark=dark)
    assert listener.ask("document.documentElement.scrollWidth") <= width
    listener.train()
    for number in (1, 3, 4):
        listener.grade(number, 20 * number)
    listener.shoot(f"{width}-{'dark' if dark else 'light'}")
    assert listener.ask("document.documentElement.scrollWidth") <= width
    assert listener.browser.seen(*FAULTS) == []
