"""Say of each heading of a table whether it heads a column or a row, for screen readers."""

import re


def scoped(html: str) -> str:
    """`html` with a scope in every heading that docutils wrote: the first column's rows, too."""
    html = re.sub(r'<th class="head[^"]*"', r'\g<0> scope="col"', html)
    return re.sub(r'<th class="stub"', r'\g<0> scope="row"', html)


def add_scope(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = scoped(context["body"])


def setup(app):
    app.connect("html-page-context", add_scope)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
