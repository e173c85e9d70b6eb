"""Let the book be found: by its own search, by search engines and where a page is shared.

Each page is described by its own first sentences.  Search indexes the article's words, and
brings them along, so that it can quote a page that a browser may not read from disk.
"""

import json
import posixpath
import shutil
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import nbformat
from prose import sections, summary, without_formulas, words

SCRIPT = Path(__file__).parent / "search" / "quote.js"


def describe(app, pagename, templatename, context, doctree):
    """Give the template of a page its description, and the picture for where it is shared."""
    context["description"] = summary(doctree) if doctree else ""
    base, card = app.config.html_baseurl, "_static/card.png"
    there = (Path(app.srcdir) / card).exists()
    context["card"] = posixpath.join(base, card) if base and there else ""


def index_words(app):
    """Index the article's words only, and under its plain title."""
    if app.builder.name != "html":
        return
    index = app.builder.index_page

    def index_page(pagename, doctree, title):
        index(pagename, without_formulas(doctree), words(app.env.titles[pagename]))

    app.builder.index_page = index_page


def pages(app):
    """The names of all pages in the order of the contents."""
    names = [app.config.root_doc]
    for name in names:
        names += app.env.toctree_includes.get(name, [])
    return names


def resolved(app, name):
    """A page with its references and citations as words."""
    return app.env.get_and_resolve_doctree(name, app.builder)


def not_found(app):
    if app.builder.name == "html":
        base = urlsplit(app.config.html_baseurl).path
        yield "404", {"title": "Page not found", "base": base}, "404.html"


def texts(app):
    """The texts that search quotes, as a script: from disk, nothing else can be read."""
    found = {name: dict(sections(resolved(app, name))) for name in pages(app)}
    return f"const TEXTS = {json.dumps(found, ensure_ascii=False, separators=(',', ':'))};\n"


def everything(app):
    """The whole book as one plain text: prose with its formulas, code, and what it prints."""
    return "\n\n".join(source(Path(app.env.doc2path(name))) for name in pages(app))


def source(path):
    """A page as Markdown; a notebook's code and printed outputs are fenced."""
    if path.suffix != ".ipynb":
        return path.read_text("utf-8").strip() + "\n"
    parts = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code" and "remove-cell" not in cell.metadata.get("tags", []):
            parts.append(f"```python\n{cell.source}\n```")
            prints = "".join(o.text for o in cell.outputs if o.output_type == "stream")
            parts += [f"```text\n{prints.rstrip()}\n```"] if prints else []
    return "\n\n".join(parts) + "\n"


def front(app):
    """The page at the site's own address: it leads to the first chapter, also when it is shared."""
    base, first = app.config.html_baseurl, app.builder.get_target_uri(app.config.root_doc)
    context = {
        "title": app.config.html_title,
        "language": app.config.language,
        "first": first,
        "pageurl": posixpath.join(base, first) if base else "",
    }
    describe(app, first, "front.html", context, resolved(app, app.config.root_doc))
    return app.builder.templates.render("front.html", context)


def sitemap(addresses):
    places = "".join(f"  <url><loc>{escape(address)}</loc></url>\n" for address in addresses)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{space}">\n{places}</urlset>\n'


def write_files(app, exception):
    """Write what belongs to the site as a whole."""
    if exception is not None or app.builder.name != "html":
        return
    out, base = Path(app.outdir), app.config.html_baseurl
    search = out / "_static" / "search"
    search.mkdir(parents=True, exist_ok=True)
    shutil.copy2(SCRIPT, search)
    (search / "texts.js").write_text(texts(app), encoding="utf-8")
    (out / "index.html").write_text(front(app), encoding="utf-8")
    (out / "llms-full.txt").write_text(everything(app), encoding="utf-8")
    robots = "User-agent: *\nAllow: /\n"
    if base:  # these two name whole addresses
        addresses = [posixpath.join(base, app.builder.get_target_uri(n)) for n in pages(app)]
        (out / "sitemap.xml").write_text(sitemap(addresses), encoding="utf-8")
        robots += f"Sitemap: {posixpath.join(base, 'sitemap.xml')}\n"
    (out / "robots.txt").write_text(robots, encoding="utf-8")


def setup(app):
    app.connect("builder-inited", index_words)
    app.connect("html-collect-pages", not_found)
    app.connect("html-page-context", describe)
    app.connect("build-finished", write_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
