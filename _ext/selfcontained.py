"""Make the built site self-contained: no page asks a third party for anything."""

import importlib.util
import shutil
from pathlib import Path

# The parts of MathJax that the book needs, in the order in which they build on each other:
# without its menu, which would make each formula a tab stop, and half of the size.
PARTS = (
    "startup.js",
    "core.js",
    "input/tex.js",
    "output/chtml.js",
    "output/chtml/fonts/tex.js",
    "a11y/assistive-mml.js",
)
# Nothing is left to load for it at the start.
LOADED = 'MathJax.loader.preLoad("core", "input/tex", "output/chtml", "a11y/assistive-mml");\n'
# Fonts, and the TeX packages that it loads on demand.
FOLDERS = ("output/chtml/fonts/woff-v2", "input/tex/extensions")
MATHJAX = "mathjax/book.js"


def is_thebe(script):
    """Does this tag belong to sphinx-thebe, which Jupyter Book always loads from a CDN?"""
    return "sphinx-thebe" in name_of(script) or "THEBE_JS_URL" in body_of(script)


def is_mathjax(script):
    return MATHJAX in name_of(script) or body_of(script).startswith("window.MathJax")


def name_of(asset):
    return str(getattr(asset, "filename", asset) or "")


def body_of(script):
    return (getattr(script, "attributes", None) or {}).get("body") or ""


def choose_scripts(app, pagename, templatename, context, doctree):
    """Drop the scripts of sphinx-thebe, and MathJax where there is no formula."""
    formulas = 'class="math' in context.get("body", "")
    context["script_files"] = [
        script
        for script in context.get("script_files", [])
        if not is_thebe(script) and (formulas or not is_mathjax(script))
    ]
    sheets = context.get("css_files", [])
    context["css_files"] = [sheet for sheet in sheets if not is_thebe(sheet)]


def copy_mathjax(app, exception):
    """Put MathJax into the site, where `mathjax_path` of _config.yml expects it."""
    if exception is not None or app.builder.format != "html":
        return
    package = importlib.util.find_spec("sphinx-mathjax-offline")
    source = Path(package.origin).parent / "static" / "mathjax"
    target = Path(app.outdir) / "_static" / "mathjax"
    for name in FOLDERS:
        shutil.copytree(source / name, target / name, dirs_exist_ok=True)
    parts = [(source / name).read_text("utf-8") for name in PARTS]
    (target / "book.js").write_text(";\n".join([*parts, LOADED]), encoding="utf-8")


def setup(app):
    app.connect("html-page-context", choose_scripts, priority=900)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
