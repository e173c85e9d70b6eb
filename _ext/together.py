"""Keep a formula and the punctuation after it on one line: browsers break between the two."""

import re

FORMULA = re.compile(
    r'(<span class="math[^"]*">\\\((?:(?!</span>).)*\\\)</span>)([,.;:?!)’]+)', re.S
)


def kept_together(html: str) -> str:
    """`html` with each formula in the text and its comma, if there is one, in one span."""
    return FORMULA.sub(r'<span class="together">\1\2</span>', html)


def keep_together(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = kept_together(context["body"])


def setup(app):
    app.connect("html-page-context", keep_together)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
