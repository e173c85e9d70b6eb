"""Where words meet: a formula and its comma or bracket on one line, so are the ends of an interval
in a table; so are a number and its unit, and the name of a method; and a minus is one."""

import re

FORMULA = re.compile(
    r"""([(\[“‘]*)(<span class="math[^"]*">\\\((?:(?!</span>).)*\\\)</span>)([,.;:?!)\]”’]*)""",
    re.S,
)
CELL = re.compile(r"<td\b.*?</td>", re.S)
INTERVAL = re.compile(r"\[([-−+]?[\d.,]+) ?(%?), ([-−+]?[\d.,]+) ?(%?)\]")
AS_IT_IS = re.compile(
    r"<(code|pre|script|style|svg|textarea)\b.*?</\1>"
    r'|<(span|div) class="math.*?</\2>|<[^>]*>',
    re.S,
)
PERCENT = re.compile(r"(?<=\d) (?=%)")
MINUS = re.compile(r"(?<![\w.\-])-(?=\.?\d)")
METHOD = re.compile(r"(?<!\w)(?:G-(?:avg|l[12])|α-(?:avg|max)|τ-b|[Pp]ost-hoc)(?!\w)")
SHORT = 24  # letters of TeX: a formula that fits any line
SOLUTION = re.compile(r"(Solution to)(<a [^>]*>)\s+")


def spaced(html: str) -> str:
    """`html` with the space between "Solution to" and its exercise before the link, not in it."""
    return SOLUTION.sub(r"\1 \2", html)


def kept_together(html: str) -> str:
    """`html` with each formula in the text and what clings to it, if anything does, in one span."""

    def together(found: re.Match[str]) -> str:
        if not (found[1] or found[3]):
            return found[2]
        short = " short" if len(re.sub(r"<[^>]*>|\\\w+", "", found[2])) < SHORT else ""
        return f'<span class="together{short}">{found[0]}</span>'

    return FORMULA.sub(together, html)


def unbroken(html: str) -> str:
    """`html` with intervals in the cells of tables that no line breaks: ``[0.1, 0.2]``."""
    return CELL.sub(lambda cell: INTERVAL.sub(r"[\1\2,&nbsp;\3\4]", cell[0]), html)


def dressed(html: str) -> str:
    """`html` with the numbers and methods in its text as a printer would set them."""

    def text(part: str) -> str:
        part = MINUS.sub("−", PERCENT.sub("&nbsp;", part))
        return METHOD.sub(r'<span class="unbroken">\g<0></span>', part)

    pieces, end = [], 0
    for found in AS_IT_IS.finditer(html):
        pieces += [text(html[end : found.start()]), found[0]]
        end = found.end()
    return "".join([*pieces, text(html[end:])])


def keep_together(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = dressed(unbroken(spaced(kept_together(context["body"]))))


def setup(app):
    app.connect("html-page-context", keep_together)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
