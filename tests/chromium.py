"""A headless Chromium, driven by its own protocol over a pipe: no driver, no port, no package.

Protocol: https://chromedevtools.github.io/devtools-protocol/ with ``--remote-debugging-pipe``,
where messages are JSON that ends in a zero byte; Chromium reads them from descriptor 3 and writes
to descriptor 4.
"""

import base64
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)

LAUNCH = (
    sys.executable,
    "-c",
    """
import fcntl, os, sys
reading, writing = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3])
os.dup2(reading, 3)
os.dup2(writing, 4)
os.execv(sys.argv[3], sys.argv[3:])
""",
)
"""Starts Chromium with the two descriptors under the numbers it asks for."""


def find():
    """Chromium's path, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextlib.contextmanager
def browser():
    """A running Chromium with an empty profile."""
    program = find()
    if program is None:
        raise FileNotFoundError("Chromium is missing; install it (Debian: apt install chromium)")
    commands, to_browser = os.pipe()
    from_browser, answers = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [*LAUNCH, str(commands), str(answers), program, *FLAGS, f"--user-data-dir={profile}"],
            pass_fds=(commands, answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        with os.fdopen(to_browser, "wb", 0) as send, os.fdopen(from_browser, "rb", 0) as receive:
            try:
                yield Browser(send, receive)
            finally:
                process.kill()
                process.wait()


class Browser:
    """Sends commands; events that come in between are kept in ``events``."""

    def __init__(self, send, receive):
        self._send, self._receive, self._rest = send, receive, b""
        self._count, self._session = 0, None
        self.events = []

    def open_page(self):
        """A new page, from here on the one that commands go to."""
        self._session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def show(self, url, *, width, height=900, dark=False):
        """Load a page at a size and in a colour scheme; ``events`` starts anew."""
        self.events = []
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=url)
        self.wait("Page.loadEventFired")

    def seen(self, *methods):
        """The events of these kinds since the page was asked for."""
        return [event for event in self.events if event.get("method") in methods]

    def evaluate(self, expression):
        """The value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def screenshot(self):
        """The whole page as PNG."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    def call(self, method, **params):
        """Send one command and wait for its answer."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._send.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self._count:
                break
            self.events.append(answer)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def wait(self, method):
        """Wait for an event, unless it has come already."""
        while not self.seen(method):
            self.events.append(self._message())

    def _message(self):
        while b"\0" not in self._rest:
            part = self._receive.read(1 << 16)
            if not part:
                raise ConnectionError("Chromium ended")
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)
