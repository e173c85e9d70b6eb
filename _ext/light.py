"""Make the site light: what no page uses is not sent.

The theme brings an icon script of 1.5 MB for a dozen icons.  Their font has the same icons:
here it is cut down to those that the pages and style sheets name, and their rules with it.
"""

import re
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

# A script or style sheet is loaded only on pages with a class that begins so.
NEEDED_BY = {"design-tabs.js": "sd-tab", "sphinx-design.min.css": "sd-", "togglebutton": "dropdown"}

ICON = re.compile(r"\bfa-[a-z0-9-]+")
ICON_RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"[^"]*"\}')
GLYPH = re.compile(r'"\\([ef][0-9a-f]{3})"')
COMPRESSED_FONT = re.compile(r'url\([^)]*\.woff2\) format\("woff2"\),')


def choose_assets(app, pagename, templatename, context, doctree):
    """Leave out what this page does not use, and let scripts not hold up the page."""
    body = context.get("body", "")
    classes = " ".join(re.findall(r'class="([^"]*)"', body))

    def used(asset):
        name = str(getattr(asset, "filename", asset) or "")
        return all(word in classes for key, word in NEEDED_BY.items() if key in name)

    for key in ("script_files", "css_files"):
        context[key] = [asset for asset in context.get(key, []) if used(asset)]
    if pagename != "search":  # its own scripts do not wait, and need the others
        context["script_files"] = [*map(deferred, context["script_files"])]


def deferred(script):
    """The same script, run once the page is there; a script that stands in the page stays."""
    name = str(getattr(script, "filename", script) or "")
    if not name or name.endswith("documentation_options.js") or "defer" in script.attributes:
        return script
    return type(script)(name, priority=script.priority, defer="defer", **script.attributes)


def lazy_pictures(app, doctree, docname):
    """A picture is loaded when it comes near the window."""
    for picture in doctree.findall(lambda node: node.tagname == "image"):
        picture["loading"] = "lazy"


def icons(outdir):
    """The names of the icons on all pages, and in scripts that make some."""
    pages = [*outdir.glob("*.html"), *outdir.glob("book/**/*.html")]
    scripts = (outdir / "_static" / "scripts").glob("*theme.js")
    return {name for path in [*pages, *scripts] for name in ICON.findall(path.read_text("utf-8"))}


def without_other_icons(css, names):
    """The style sheet with the rules of the named icons only."""

    def keep(rule):
        return rule[0] if names & set(ICON.findall(rule[1])) else ""

    return COMPRESSED_FONT.sub("", ICON_RULE.sub(keep, css))


def cut_font(path, glyphs):
    """Write a font again with these code points only."""
    font = TTFont(path)
    cutter = subset.Subsetter(subset.Options(hinting=False, layout_features=[]))
    cutter.populate(unicodes=glyphs)
    cutter.subset(font)
    font.save(path)


def lighten(app, exception):
    """Drop source maps and the icon script, and cut the icon font down to what is used."""
    if exception is not None or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for pattern in ("**/*.map", "**/fontawesome.js*", "vendor/**/*.woff2", "**/sphinx-thebe.*"):
        for path in static.glob(pattern):
            path.unlink()
    names, glyphs = icons(Path(app.outdir)), set()
    for path in static.glob("**/*.css"):
        css = without_other_icons(path.read_text("utf-8"), names)
        path.write_text(css, encoding="utf-8")
        glyphs |= {int(code, 16) for code in GLYPH.findall(css)}
    for path in static.glob("vendor/fontawesome/webfonts/*.ttf"):
        cut_font(path, glyphs)


def setup(app):
    app.connect("html-page-context", choose_assets, priority=901)
    app.connect("doctree-resolved", lazy_pictures)
    app.connect("build-finished", lighten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
