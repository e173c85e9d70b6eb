"""What links may show of other pages, as scripts: from disk, a browser reads nothing else.

A page that is opened from disk loads such a script when a link to it is first pointed at; from a
server it fetches the page itself. See `_static/preview.js`.
"""

import json
from pathlib import Path

from bs4 import BeautifulSoup
from findable import pages

SHOWN = ".proof[id], div.math[id], figure[id]"  # as TARGETS in preview.js


def targets(html: str) -> str:
    """The theorems, equations and figures of a page that have a name, without what is around."""
    found = BeautifulSoup(html, "html.parser").select(f"article :is({SHOWN})")
    return "".join(str(element) for element in found)


def write_previews(app, exception):
    if exception is not None or app.builder.name != "html":
        return
    out = Path(app.outdir)
    for name in pages(app):
        shown = targets((out / f"{name}.html").read_text("utf-8"))
        if not shown:
            continue
        script = out / "_static" / "previews" / f"{name}.js"
        script.parent.mkdir(parents=True, exist_ok=True)
        text = f"(window.PREVIEWS ??= {{}})[{json.dumps(name)}] = {json.dumps(shown)};\n"
        script.write_text(text, encoding="utf-8")


def setup(app):
    app.connect("build-finished", write_previews)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
