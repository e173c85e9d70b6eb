"""Look at a built page with Chromium, offline: what it holds, and a picture of it.

    python tools/browser.py _build/html/index.html page.png --width 390 --dark

The tests of the site use `Browser`.  It speaks the DevTools protocol over a web socket.
"""

import argparse
import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket

NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser", "chrome")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # offline: no name resolves
    "--remote-debugging-port=0",
)
SETTLED = """new Promise(async (done) => {
    if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
    await document.fonts.ready;
    setTimeout(() => done(true), 300); // colours fade in
})"""


def find_browser():
    """The path of an installed Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, (*NAMES, MAC))), None)


class Browser:
    """A headless browser with one page.

    After `open`, `requests` holds the address of everything that the page asked for,
    and `errors` the messages of scripts that failed and of files that did not load.
    """

    def __init__(self, timeout=60):
        self.timeout, self.count = timeout, 0
        self.requests, self.errors = [], []

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        command = [find_browser(), *FLAGS, f"--user-data-dir={self.profile.name}", "about:blank"]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdout=quiet, stderr=quiet)
        try:
            address = f"http://127.0.0.1:{self._port()}/json/list"
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            targets = json.load(direct.open(address, timeout=self.timeout))
            page = next(t for t in targets if t["type"] == "page")
            self.socket = websocket.create_connection(
                page["webSocketDebuggerUrl"], timeout=self.timeout, suppress_origin=True
            )
            for domain in ("Page", "Runtime", "Network", "Log"):
                self.call(f"{domain}.enable")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.close()

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.profile.cleanup()

    def _port(self):
        file = Path(self.profile.name) / "DevToolsActivePort"
        deadline = time.monotonic() + self.timeout
        while time.monotonic() < deadline:
            if file.exists() and (lines := file.read_text().splitlines()):
                return lines[0]
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"{self.process.args[0]} did not start")

    def _receive(self):
        message = json.loads(self.socket.recv())
        method, params = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            text = details.get("exception", {}).get("description", details["text"])
            self.errors.append(f"{details.get('url', '')}: {text}")
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(f"{params['entry'].get('url', '')}: {params['entry']['text']}")
        return message

    def call(self, method, **params):
        """Send one command, and wait for its answer."""
        self.count += 1
        number = self.count
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (message := self._receive()).get("id") != number:
            pass
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']['message']}")
        return message["result"]

    def open(self, url, width=1280, height=900, dark=False):
        """Load a page, and wait until its formulas are set."""
        self.resize(width, height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.requests.clear()
        self.errors.clear()
        frame = self.call("Page.navigate", url=url)
        if "errorText" in frame:
            raise RuntimeError(f"{url}: {frame['errorText']}")
        while self._receive().get("method") != "Page.loadEventFired":
            pass
        self.evaluate(SETTLED)

    def resize(self, width, height=900):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def evaluate(self, expression):
        """The value of a JavaScript expression; a promise is awaited."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"].get("description"))
        return answer["result"].get("value")

    def pdf(self, **options):
        """The page on paper, as bytes: on A4, or on what its style asks for.

        `options` are those of the protocol's Page.printToPDF.
        """
        a4 = {"paperWidth": 210 / 25.4, "paperHeight": 297 / 25.4}
        plain = {"printBackground": True, "preferCSSPageSize": True}
        answer = self.call("Page.printToPDF", **{**a4, **plain, **options})
        return base64.b64decode(answer["data"])

    def screenshot(self, path, full=False):
        """Write a PNG of the window, or of the full page."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=full)
        Path(path).write_bytes(base64.b64decode(answer["data"]))


def main():
    parser = argparse.ArgumentParser(description="Take a picture of a built page.")
    parser.add_argument("page", help="file or address, with #anchor if you like")
    parser.add_argument("png")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--dark", action="store_true")
    options = parser.parse_args()
    file, _, anchor = options.page.partition("#")
    url = Path(file).resolve().as_uri() if Path(file).exists() else file
    with Browser() as browser:
        browser.open(
            url + (f"#{anchor}" if anchor else ""), options.width, options.height, options.dark
        )
        browser.screenshot(options.png)


if __name__ == "__main__":
    main()
