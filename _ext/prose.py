"""The words of a page: what a reader would read aloud."""

import re

from docutils import nodes

# Code, formulas on a line of their own, and what is not text at all.
SILENT = (nodes.comment, nodes.literal_block, nodes.math_block, nodes.raw, nodes.target)
STATEMENT = nodes.Admonition
PLAIN_FORMULA = re.compile(r"[^\\{}_^]+")


def is_silent(node):
    """Is this left out, as TeX is that nobody would read aloud?"""
    if isinstance(node, nodes.math):
        return not PLAIN_FORMULA.fullmatch(node.astext())
    return isinstance(node, SILENT)


def words(node):
    """The text of a node on one line; where a formula is left out stands an ellipsis."""

    def walk(node):
        if isinstance(node, nodes.Text):
            yield node.astext()
        elif is_silent(node):
            yield "…" if isinstance(node, nodes.math) else ""
        else:
            for child in node.children:
                yield from walk(child)
            if not isinstance(node, nodes.Inline):
                yield " "

    return re.sub(r"\s+", " ", "".join(walk(node))).strip()


def summary(doctree, longest=200):
    """The first paragraph of a page, in whole sentences as far as they fit."""
    paragraphs = (words(node) for node in doctree.findall(nodes.paragraph))
    first = next(filter(None, paragraphs), "")
    if len(first) <= longest:
        return first
    cut = first[: longest - 1]
    end = max(cut.rfind(mark) for mark in (". ", "? ", ": "))
    return cut[: end + 1].rstrip(":") if end > longest / 3 else cut[: cut.rfind(" ")] + "…"


def is_section(node):
    """Is this a section of the page, and not just the inside of a theorem or an exercise?"""
    return isinstance(node, nodes.section) and not node["ids"][0].endswith("-content")


def sections(doctree):
    """Pairs of anchor and words: one for each section, without those inside it, and statement."""
    for part in doctree.findall(lambda node: is_section(node) or isinstance(node, STATEMENT)):
        if part["ids"]:
            own = [child for child in part.children if not is_section(child)]
            own = [child for child in own if not isinstance(child, nodes.title)]
            yield part["ids"][0], " ".join(filter(None, map(words, own)))


def without_formulas(doctree):
    """A copy of a page for the index of words, without what is not read aloud."""
    copy = doctree.deepcopy()
    for node in [node for node in copy.findall() if is_silent(node)]:
        if node.parent:
            node.parent.remove(node)
    for title in copy.findall(nodes.title):
        if isinstance(title.parent, STATEMENT):  # "Theorem (Gradient meets attention)"
            kind = type(title.parent).__name__.removesuffix("_node").capitalize()
            title.insert(0, nodes.Text(f"{kind} "))
    return copy
