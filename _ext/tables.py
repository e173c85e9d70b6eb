"""Tables: what heads what, numbers under numbers, powers of ten, and where a long name breaks."""

import re

TABLE = re.compile(r"<table\b.*?</table>", re.S)
ROW = re.compile(r"<tr\b.*?</tr>", re.S)
CELL = re.compile(r"<(t[hd])\b([^>]*)>(.*?)</\1>", re.S)
TAG = re.compile(r"<[^>]*>")
PART = re.compile(r"(<code\b.*?</code>|<[^>]*>)", re.S)
POWER = re.compile(r"(?<![\w.])(?:1|(\d(?:\.\d+)?))e([-−+])0*(\d+)(?![\w.])")
NOTHING = re.compile(r"(?<![\w.])0e[-−+]00(?![\w.])")
FIGURE = r"(?:(?:[\d.]+ × )?10−\d+|[\d.,]*\d)"
ONE = rf"(?:below |over |at most )?[≤≥<>≈~±+−-]? ?{FIGURE} ?(?:%|×|s|ms|µs|MB|kB)?(?: or fewer)?"
BETWEEN = rf"\[{ONE},? {ONE}\]"
NUMBER = re.compile(rf"(?:{ONE}(?: (?:to|of|±) {ONE})?)? ?(?:{BETWEEN})?|[–—]|nan|none", re.I)
NAME = re.compile(r'(<code class="[^"]*literal[^"]*"><span class="pre">)([^<]{13,})(</span>)')
SHAPE = re.compile(r"<p>(\([\w, +·-]{3,20}\))</p>")
JOINT = re.compile(r"(?<=[^\W_])(\.|_+|::|/)(?=[\w\[])")


def scoped(html: str) -> str:
    """`html` with a scope in every heading that docutils wrote: the first column's rows, too."""
    html = re.sub(r'<th class="head[^"]*"', r'\g<0> scope="col"', html)
    return re.sub(r'<th class="stub"', r'\g<0> scope="row"', html)


def breakable(html: str) -> str:
    """`html` in which a long name of code may break at its dots and underscores."""
    return NAME.sub(lambda name: name[1] + JOINT.sub(r"\1<wbr>", name[2]) + name[3], html)


def with_powers(text: str) -> str:
    """`text` with 3 × 10⁻¹² for 3e-12, and zero as it is."""

    def power(found: re.Match[str]) -> str:
        sign = "" if found[2] == "+" else "−"
        times = f"{found[1]}&nbsp;×&nbsp;" if found[1] else ""
        return f'<span class="power">{times}10<sup>{sign}{found[3]}</sup></span>'

    return POWER.sub(power, NOTHING.sub("0", text))


def outside_code(html: str, change) -> str:
    """`html` with its text changed, and with its tags and code as they are."""
    parts = PART.split(html)
    return "".join(part if k % 2 else change(part) for k, part in enumerate(parts))


def plain(cell: str) -> str:
    return TAG.sub("", cell).replace("&nbsp;", " ").replace("\xa0", " ").strip()


def lined_up(table: str) -> str:
    """A table with the class ``num`` on the cells of each column that holds only numbers."""
    if "span=" in table:  # a cell over several columns
        return table
    rows = [CELL.findall(row) for row in ROW.findall(table)]
    columns = {k for row in rows for k in range(len(row))}
    for row in rows:
        for k, (kind, _, text) in enumerate(row):
            if kind == "td" and plain(text) and not NUMBER.fullmatch(plain(text)):
                columns.discard(k)
    filled = {k for row in rows for k, cell in enumerate(row) if cell[0] == "td" and plain(cell[2])}
    columns &= filled
    stubs = {k for row in rows[1:] for k, cell in enumerate(row) if cell[0] == "th"}
    columns -= stubs

    def marked(row: re.Match[str]) -> str:
        place = iter(range(len(rows[0]) + 99))

        def mark(cell: re.Match[str]) -> str:
            kind, attributes, text = cell.groups()
            if next(place) in columns:
                attributes = with_class(attributes, "num")
            return f"<{kind}{attributes}>{text}</{kind}>"

        return CELL.sub(mark, row[0])

    return ROW.sub(marked, table)


def with_class(attributes: str, name: str) -> str:
    if 'class="' in attributes:
        return attributes.replace('class="', f'class="{name} ', 1)
    return f'{attributes} class="{name}"'


def typeset(html: str) -> str:
    """`html` with its tables lined up, with powers of ten in them and shapes on one line."""

    def one(table: re.Match[str]) -> str:
        return lined_up(CELL.sub(powers, table[0]))

    def powers(cell: re.Match[str]) -> str:
        text = SHAPE.sub(r'<p><span class="unbroken">\1</span></p>', cell[3])
        return f"<{cell[1]}{cell[2]}>{outside_code(text, with_powers)}</{cell[1]}>"

    return TABLE.sub(one, html)


def improve(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = typeset(breakable(scoped(context["body"])))
    if "toc" in context:
        context["toc"] = breakable(context["toc"])


def setup(app):
    app.connect("html-page-context", improve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
