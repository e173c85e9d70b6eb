"""Make the built site self-contained: no page asks a third party for anything."""

import importlib.util
import shutil
from pathlib import Path

# The combined MathJax component, its fonts, and the TeX packages that it loads on demand.
MATHJAX = ("tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")


def drop_thebe(app, pagename, templatename, context, doctree):
    """Remove the scripts of sphinx-thebe, which Jupyter Book always loads from a CDN."""
    context["script_files"] = [s for s in context.get("script_files", []) if not is_thebe(s)]


def is_thebe(script):
    attributes = getattr(script, "attributes", None) or {}
    name = str(getattr(script, "filename", script) or "")
    return "sphinx-thebe" in name or "THEBE_JS_URL" in (attributes.get("body") or "")


def copy_mathjax(app, exception):
    """Copy MathJax into the site, where `mathjax_path` of _config.yml expects it."""
    if exception is not None or app.builder.format != "html":
        return
    package = importlib.util.find_spec("sphinx-mathjax-offline")
    source = Path(package.origin).parent / "static" / "mathjax"
    target = Path(app.outdir) / "_static" / "mathjax"
    for name in MATHJAX:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, dirs_exist_ok=True)
        else:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)


def setup(app):
    app.connect("html-page-context", drop_thebe, priority=900)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
