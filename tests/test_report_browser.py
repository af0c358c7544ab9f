"""The page in headless Chromium: nothing in the console, nothing over the network, fits a phone.

Set AUTOMIX_SHOTS to a folder to keep the screenshots.
"""

import os
import struct
from pathlib import Path

import pytest

import chromium
from reaper_automix.report import write
from reaper_automix.report.columns import COLUMNS
from sample_report import (
    hostile_report,
    inspect_report,
    large_report,
    match_report,
    paper_report,
    sample_report,
)

pytestmark = pytest.mark.browser

REPORTS = {
    "balance": sample_report,
    "paper": paper_report,
    "inspect": inspect_report,
    "match": match_report,
    "hostile": hostile_report,
    "large": large_report,
}
WIDTHS = {"phone": 390, "desktop": 1280}
GAIN = 1 + [column.title for column in COLUMNS["balance"]].index("Gain dB")
"""Index of the column, behind the track's name."""
FAULTS = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}


@pytest.fixture(scope="module")
def browser():
    with chromium.browser() as running:
        running.open_page()
        yield running


@pytest.fixture(scope="module")
def urls(tmp_path_factory):
    """Where each report lies, written as a balance writes it."""
    folder = tmp_path_factory.mktemp("reports")
    for name, report in REPORTS.items():
        write(report(), folder / name)
    return {name: (folder / name / "report.html").as_uri() for name in REPORTS}


def size(png):
    return struct.unpack(">II", png[16:24])


def keep(png, name):
    if folder := os.environ.get("AUTOMIX_SHOTS"):
        Path(folder, name).write_bytes(png)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("device", WIDTHS)
@pytest.mark.parametrize("name", REPORTS)
def test_the_page_opens_without_a_complaint(browser, urls, name, device, dark):
    browser.show(urls[name], width=WIDTHS[device], dark=dark)
    requests = [e["params"]["request"]["url"] for e in browser.seen("Network.requestWillBeSent")]
    assert requests == [urls[name]]
    assert browser.seen(*FAULTS) == []
    assert browser.evaluate("document.documentElement.scrollWidth") <= WIDTHS[device]
    assert not browser.evaluate("document.title").startswith("taken")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("device", WIDTHS)
@pytest.mark.parametrize("name", ["balance", "paper", "inspect", "match"])
def test_screenshot(browser, urls, name, device, dark):
    browser.show(urls[name], width=WIDTHS[device], dark=dark)
    png = browser.screenshot()
    keep(png, f"{name}-{device}-{'dark' if dark else 'light'}.png")
    width, height = size(png)
    assert width == WIDTHS[device]
    assert height == browser.evaluate("document.documentElement.scrollHeight")
    background = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(18, 21, 24)" if dark else "rgb(246, 246, 244)")


def names(browser):
    return browser.evaluate(
        "[...document.querySelectorAll('.numbers tbody th')].map(cell => cell.textContent)"
    )


def gains(browser):
    """The known gains from top to bottom."""
    cells = f"[...document.querySelectorAll('.numbers tbody tr')].map(row => row.cells[{GAIN}])"
    texts = browser.evaluate(f"{cells}.map(cell => cell.textContent)")
    return [float(text.replace("−", "-")) for text in texts if text != "–"]


def test_the_table_sorts_by_number_and_back(browser, urls):
    browser.show(urls["balance"], width=1280)
    before = names(browser)
    click = "[...document.querySelectorAll('.numbers button')][{}].click()"
    cells = f"[...document.querySelectorAll('.numbers tbody tr')].map(row => row.cells[{GAIN}])"
    gains = f"{cells}.map(cell => cell.textContent)"
    browser.evaluate(click.format(GAIN))
    known = [float(text.replace("−", "-")) for text in browser.evaluate(gains) if text != "–"]
    assert known == sorted(known)
    assert known[0] < 0.0 < known[-1]
    browser.evaluate(click.format(GAIN))
    falling = [float(text.replace("−", "-")) for text in browser.evaluate(gains) if text != "–"]
    assert falling == known[::-1]
    browser.evaluate(click.format(GAIN))
    assert names(browser) == before


def test_marks_stand_where_the_numbers_say(browser, urls):
    """The full dot of a source that went all the way lies on its group's target line."""
    browser.show(urls["balance"], width=390)
    apart = browser.evaluate(
        """[...document.querySelectorAll('#levels li.moved svg')].map(svg => {
          const centre = part => {
            const box = svg.querySelector(part).getBoundingClientRect();
            return box.x + box.width / 2;
          };
          return Math.abs(centre('circle.after') - centre('line.target'));
        })"""
    )
    assert len(apart) > 15
    assert max(apart) < 1.0


def test_nothing_overlaps_the_figures_on_a_phone(browser, urls):
    browser.show(urls["hostile"], width=390)
    overlaps = browser.evaluate(
        """[...document.querySelectorAll('.rows li')].filter(row => {
          const name = row.querySelector('.name').getBoundingClientRect();
          const figures = row.querySelector('.figures').getBoundingClientRect();
          return name.bottom > figures.top + 1 && name.right > figures.left + 1;
        }).length"""
    )
    assert overlaps == 0


def test_it_prints(browser, urls):
    browser.show(urls["balance"], width=1280, dark=True)
    assert browser.call("Page.printToPDF", printBackground=True)["data"].startswith("JVBERi")


def test_it_reads_without_its_script(browser, urls):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.show(urls["balance"], width=1280)
        tree = browser.call("DOM.getDocument", depth=0)["root"]["nodeId"]
        rows = browser.call("DOM.querySelectorAll", nodeId=tree, selector=".numbers tbody tr")
        buttons = browser.call("DOM.querySelectorAll", nodeId=tree, selector=".numbers button")
        assert len(rows["nodeIds"]) == 29
        assert buttons["nodeIds"] == []
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
