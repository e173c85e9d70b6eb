"""Where words meet: a formula and its comma on one line, a space before a link and not in it."""

import re

FORMULA = re.compile(
    r'(<span class="math[^"]*">\\\((?:(?!</span>).)*\\\)</span>)([,.;:?!)’]+)', re.S
)


SOLUTION = re.compile(r"(Solution to)(<a [^>]*>)\s+")


def spaced(html: str) -> str:
    """`html` with the space between "Solution to" and its exercise before the link, not in it."""
    return SOLUTION.sub(r"\1 \2", html)


def kept_together(html: str) -> str:
    """`html` with each formula in the text and its comma, if there is one, in one span."""
    return FORMULA.sub(r'<span class="together">\1\2</span>', html)


def keep_together(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = spaced(kept_together(context["body"]))


def setup(app):
    app.connect("html-page-context", keep_together)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
