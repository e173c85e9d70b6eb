"""How long pages of the built site take on an emulated phone: first paint, and all formulas set.

    python tools/phone.py book/intro book/lime/exact_lime

The site is served compressed, at 1.6 Mbit/s with 150 ms to an answer, to a processor that is
four times slower than this one.
"""

import gzip
import sys
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from browser import Browser

SITE = Path(__file__).parents[1] / "_build" / "html"
NETWORK = {"latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
SLOWER = 4
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


class Compressed(SimpleHTTPRequestHandler):
    """Sends files compressed, as web servers do."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return self.send_error(404)
        data = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def load(browser, url):
    """Seconds to the first paint, to the load event, and until all formulas are set."""
    browser.call("Network.clearBrowserCache")
    start = time.perf_counter()
    browser.open(url, width=390, height=844)
    done = time.perf_counter() - start - 0.3  # open waits so long for colours to fade in
    loaded = browser.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    return browser.evaluate(PAINT) / 1000, loaded / 1000, done


def main(pages):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Compressed, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Browser() as browser:
        browser.call("Network.emulateNetworkConditions", offline=False, **NETWORK)
        browser.call("Emulation.setCPUThrottlingRate", rate=SLOWER)
        for page in pages:
            url = f"http://127.0.0.1:{server.server_port}/{page}.html"
            paint, loaded, done = load(browser, url)
            print(
                f"{page}: painted {paint:.1f} s, loaded {loaded:.1f} s, formulas set {done:.1f} s"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
