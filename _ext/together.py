"""Where words meet: a formula and its comma or bracket on one line, so are the ends of an interval
in a table, and a space stands before a link and not in it."""

import re

FORMULA = re.compile(
    r"""([(\[“‘]*)(<span class="math[^"]*">\\\((?:(?!</span>).)*\\\)</span>)([,.;:?!)\]”’]*)""",
    re.S,
)
CELL = re.compile(r"<td\b.*?</td>", re.S)
INTERVAL = re.compile(r"\[([-−+]?[\d.,]+) ?(%?), ([-−+]?[\d.,]+) ?(%?)\]")
SOLUTION = re.compile(r"(Solution to)(<a [^>]*>)\s+")


def spaced(html: str) -> str:
    """`html` with the space between "Solution to" and its exercise before the link, not in it."""
    return SOLUTION.sub(r"\1 \2", html)


def kept_together(html: str) -> str:
    """`html` with each formula in the text and what clings to it, if anything does, in one span."""

    def together(found: re.Match[str]) -> str:
        alone = not (found[1] or found[3])
        return found[2] if alone else f'<span class="together">{found[0]}</span>'

    return FORMULA.sub(together, html)


def unbroken(html: str) -> str:
    """`html` with intervals in the cells of tables that no line breaks: ``[0.1, 0.2]``."""
    return CELL.sub(lambda cell: INTERVAL.sub(r"[\1\2,&nbsp;\3\4]", cell[0]), html)


def keep_together(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = unbroken(spaced(kept_together(context["body"])))


def setup(app):
    app.connect("html-page-context", keep_together)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
