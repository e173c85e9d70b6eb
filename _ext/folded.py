"""Folded code cells that follow each other become one: a row of marks says no more than one."""

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode


def folded(cell):
    """What folds the code of a cell, or None if it is no cell, or not folded."""
    if isinstance(cell, nodes.container) and cell.get("nb_element") == "cell_code":
        first = cell.children[0] if cell.children else None
        if isinstance(first, HideCodeCellNode) and "above-input" in first["classes"]:
            return first
    return None


def merge(app, doctree, docname):
    """Put the code of each folded cell that shows nothing into the folded cell right after it."""
    for cell in list(doctree.findall(lambda node: folded(node) is not None)):
        after = cell.next_node(descend=False, siblings=True)
        if len(cell.children) == 1 and folded(after) is not None:
            folded(after).insert(0, folded(cell).children)
            cell.parent.remove(cell)


def setup(app):
    app.connect("doctree-resolved", merge)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
