"""Pictures to drag, each in the place of a figure.

    :::{drag} fig-triangle
    Drag the ring along the blue segment: the output stays.
    :::

The figure with this name stays as it is where scripts are off, and in print.  Where they are on,
`_scripts/pictures/triangle.js` draws on top of it, and the sentences stand above.  Only the pages
with such a picture load its scripts, which is why they are not in `_static`: Jupyter Book loads
all that is there on each page.
"""

from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

SCRIPTS = Path(__file__).parent.parent / "_scripts"
PARTS = (".drawing", ".data", ".maths", "")  # a picture has its own script, and some of the others


class invitation(nodes.container):
    """What to drag and what to look for, with the name of its `figure`."""


class Drag(SphinxDirective):
    """An invitation to drag the figure that is named by the argument."""

    required_arguments = 1
    has_content = True

    def run(self):
        node = invitation(figure=self.arguments[0], classes=["picture-invitation"])
        self.set_source_info(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


def name_of(figure):
    return figure.removeprefix("fig-")


def scripts(figure):
    """The names of the scripts of a figure in the order in which they run."""
    named = [f"{name}{part}.js" for name in ("shared", name_of(figure)) for part in PARTS]
    return [name for name in named if (SCRIPTS / "pictures" / name).exists()]


def build_in(app, doctree, docname):
    """Put each invitation into its figure, and what the figure shows into a stage for the script.

    A builder that makes no HTML has nothing to drag, so that the invitation goes.
    """
    figures = {name: x for x in doctree.findall(nodes.figure) for name in x["ids"]}
    for node in list(doctree.findall(invitation)):
        node.parent.remove(node)
        if app.builder.format != "html":
            continue
        figure = figures.get(node["figure"])
        if figure is None or f"{name_of(node['figure'])}.js" not in scripts(node["figure"]):
            problem = "no figure" if figure is None else "no script for the figure"
            logging.getLogger(__name__).warning(f"{problem} {node['figure']!r}", location=node)
            continue
        shown = [x for x in figure if not isinstance(x, nodes.caption | nodes.legend)]
        rest = [x for x in figure if x not in shown]
        stage = nodes.container("", *shown, classes=["picture-stage"])
        panel = nodes.container("", classes=["picture-panel"])
        text = nodes.container("", *node.children, classes=node["classes"])
        figure.children = []
        figure.extend([text, stage, panel, *rest])
        figure["classes"].append("picture")


def load(app, pagename, templatename, context, doctree):
    """Give a page with such figures their scripts and their style."""
    found = doctree.findall(nodes.figure) if doctree else []
    names = [figure["ids"][0] for figure in found if "picture" in figure["classes"]]
    if names:
        app.add_css_file("pictures/pictures.css")
    for script in dict.fromkeys(script for name in names for script in scripts(name)):
        app.add_js_file(f"pictures/{script}", loading_method="defer")


def ship(app, config):
    """Copy the scripts into the site's `_static`."""
    config.html_static_path.append(str(SCRIPTS))


def setup(app):
    app.add_directive("drag", Drag)
    app.connect("config-inited", ship)
    app.connect("doctree-resolved", build_in)
    app.connect("html-page-context", load)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
