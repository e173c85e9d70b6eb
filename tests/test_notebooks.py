"""The pages of the book as files: each satisfies each rule of ``tools/notebook_rules.py``.

The second half breaks each rule once, so that no rule is satisfied by never looking.
"""

import copy
from pathlib import Path

import nbformat
import notebook_rules as rules
import notebooks
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).parents[1]
PAGES = {
    path.relative_to(ROOT).as_posix(): rules.read(path)
    for path in sorted((ROOT / "book").rglob("*"))
    if path.suffix in (".ipynb", ".md") and ".ipynb_checkpoints" not in path.parts
}
NOTEBOOKS = [name for name in PAGES if name.endswith(".ipynb")]
BIBLIOGRAPHY = (ROOT / "book/reference/references.bib").read_text(encoding="utf-8")


def name_of(value):
    return getattr(value, "__name__", str(value).removeprefix("book/"))


def report(violations):
    found = list(violations)
    assert not found, "\n  ".join(["", *found])


@pytest.mark.parametrize("rule", rules.RULES, ids=name_of)
@pytest.mark.parametrize("page", NOTEBOOKS, ids=name_of)
def test_notebook(page, rule):
    report(f"{page}, {message}" for message in rule(PAGES[page]))


@pytest.mark.parametrize("rule", rules.PAGE_RULES, ids=name_of)
@pytest.mark.parametrize("page", sorted(set(PAGES) - set(NOTEBOOKS)), ids=name_of)
def test_markdown_page(page, rule):
    report(f"{page}, {message}" for message in rule(PAGES[page]))


@pytest.mark.parametrize("page", NOTEBOOKS, ids=name_of)
def test_notebook_is_normalised(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    normal = nbformat.writes(notebooks.normalise(copy.deepcopy(PAGES[page]))) + "\n"
    assert text == normal, f"{page}: write it with python tools/notebooks.py run {page}"


def test_references_lead_somewhere():
    report(rules.references_lead_somewhere(PAGES, BIBLIOGRAPHY))


def test_every_page_is_in_the_table_of_contents():
    report(rules.listed_in_contents(PAGES, (ROOT / "_toc.yml").read_text(encoding="utf-8")))


# ---- each rule catches what it is for

STATEMENT = """## Statement

Words of Lopardo et al. (2024), e.g. Theorem 1, see Fig. 2.

:::{prf:theorem} Gradient
:label: thm-gradient

If $a = \\$1$, then
$$a^2 = 1. Then b$$ (eq-square)
:::"""
EXERCISE = """## Exercises

```{exercise-start} One
:label: ex-one
```
What is `x. Then`?
```{exercise-end}
```"""
SOLUTION = """```{solution-start} ex-one
:class: dropdown
```
See {prf:ref}`this <thm-gradient>`, {eq}`eq-square`,
{numref}`fig-bars`, {cite:p}`one2020,two2021`."""
FIGURE = {
    "figure": {"caption": "Three bars of three heights.", "name": "fig-bars"},
    "image": {"alt": "A bar chart with three bars."},
}
BIB = "@article{one2020,\n}\n@book{two2021,\n}"
TOC = "format: jb-book\nroot: book/intro\nparts:\n- chapters:\n  - file: book/chapter\n"


def chapter():
    """A small chapter that satisfies all rules."""

    def text(source):
        return new_markdown_cell(source)

    def code(source, *outputs, **metadata):
        return new_code_cell(source, outputs=list(outputs), metadata=metadata)

    picture = new_output("display_data", data={"image/png": "AA==", "text/plain": "<Figure>"})
    cells = [
        text("# A chapter\n\nOne sentence.\nAnother one."),
        text(STATEMENT),
        text("## Why it is true\n\n| a. B | c |\n|---|---|\n\n```python\na. B $\n```"),
        code("assert 1 + 1 == 2"),
        text("## Check"),
        code("print('agree')", new_output("stream", name="stdout", text="agree\n")),
        text("## On held-out documents"),
        code("show()", picture, mystnb=FIGURE),
        text("## Where it breaks\n\n1. One. Two."),
        text("## What to do tomorrow"),
        text(EXERCISE),
        text(SOLUTION),
        code("checks.equal(1, 1)"),
        text("```{solution-end}\n```"),
        text("## Further reading"),
    ]
    for n, cell in enumerate(cells):
        cell.id = f"c{n}"
    for count, cell in enumerate((c for c in cells if c.cell_type == "code"), start=1):
        cell.execution_count = count
    return new_notebook(cells=cells)


def source(n, old, new):
    """Change the source of cell n."""

    def doctor(nb):
        assert old in nb.cells[n].source
        nb.cells[n].source = nb.cells[n].source.replace(old, new)

    return doctor


def value(n, **fields):
    """Change fields of cell n."""
    return lambda nb: nb.cells[n].update(fields)


def output(n, kind, **fields):
    """Give cell n one output."""
    return lambda nb: nb.cells[n].update(
        outputs=[nbformat.from_dict({"output_type": kind, **fields})]
    )


def stdout(text):
    return output(5, "stream", name="stdout", text=text)


def figure(kind, field, text):
    def doctor(nb):
        nb.cells[7].metadata = nbformat.from_dict({"mystnb": copy.deepcopy(FIGURE)})
        nb.cells[7].metadata.mystnb[kind][field] = text

    return doctor


def more_words(n, count):
    """Append that many words to cell n, a hundred to a line."""
    lines = "\n".join(["word " * 100] * (count // 100))
    return lambda nb: nb.cells[n].update(source=f"{nb.cells[n].source}\n\n{lines}")


def more_cells(nb):
    nb.cells += [
        new_code_cell(f"x{n} = {n}", id=f"more{n}", execution_count=5 + n) for n in range(14)
    ]


TWO = ":::{prf:lemma} A\nx\n:::\n\n```{prf:corollary} B\nx\n```\n\n"
EMPTY = new_code_cell(" \n", id="c14", execution_count=5)
LONG = "\n".join(f"x{n} = {n}" for n in range(21))
BROKEN = [
    (rules.valid_format, "is not 4.5", lambda nb: nb.update(nbformat_minor=4)),
    (rules.valid_format, "2 cells have the id c3", value(5, id="c3")),
    (rules.valid_format, "not a valid notebook", output(5, "x")),
    (rules.executed_in_order, "None, not 2", value(5, execution_count=None)),
    (rules.executed_in_order, "7, not 2", value(5, execution_count=7)),
    (
        rules.no_error_and_no_warning,
        "committed error ValueError",
        output(5, "error", ename="ValueError", evalue="", traceback=[]),
    ),
    (rules.no_error_and_no_warning, "stderr", output(5, "stream", name="stderr", text="Warning")),
    (rules.plain_python, "not plain Python", source(5, "print", "%matplotlib inline\nprint")),
    (rules.plain_python, "not plain Python", source(5, "print", "!pip install x\nprint")),
    (rules.plain_python, "magic in disguise", source(5, "print", "get_ipython().x()\nprint")),
    (rules.plain_python, "semicolon", source(5, "print('agree')", "print('agree');")),
    (rules.all_compared, "told to do less", value(5, metadata={"tags": ["nbval-skip"]})),
    (rules.all_compared, "told to do less", source(5, "print", "# NBVAL_IGNORE_OUTPUT\nprint")),
    (rules.all_compared, "nothing is assert", value(5, metadata={"tags": ["nbval-ignore-output"]})),
    (rules.small_cells, "cell 16 (c14): empty", lambda nb: nb.cells.append(EMPTY)),
    (rules.small_cells, "21 lines", value(5, source=LONG)),
    (
        rules.small_cells,
        "median code cell has 6 lines",
        lambda nb: [c.update(source="a\nb\nc\nd\ne\nassert f") for c in nb.cells if "outputs" in c],
    ),
    (rules.described_figures, "caption None", value(7, metadata={})),
    (rules.described_figures, "caption 'Bars'", figure("figure", "caption", "Bars")),
    (rules.described_figures, "must start with fig-", figure("figure", "name", "bars")),
    (rules.described_figures, "alt 'Bars'", figure("image", "alt", "Bars")),
    (rules.evidence_is_not_a_boolean, "'True'", stdout("True\n")),
    (rules.evidence_is_not_a_boolean, "'True", stdout("True False\n")),
    (
        rules.evidence_is_not_a_boolean,
        "np.True_",
        output(5, "display_data", data={"text/plain": "np.True_"}, metadata={}),
    ),
    (rules.no_timing, "perf_counter", source(5, "print", "time.perf_counter()\nprint")),
    (rules.no_timing, "Wall time", stdout("Wall time: 3 ms")),
    (rules.no_timing, "5it/s", stdout("100 [00:01, 5it/s]")),
    (rules.no_folder_of_a_machine, "/home/me", source(5, "'agree'", "'/home/me/x'")),
    (rules.no_folder_of_a_machine, "/tmp/x.py", stdout("in /tmp/x.py:")),
    (rules.one_title, "starts with '# '", source(0, "# A", "A")),
    (rules.one_title, "more than one title", source(9, "## What", "# What\n\n## What")),
    (rules.balanced_dollars, "odd number of dollar", source(0, "Another", "Another $x")),
    (rules.balanced_dollars, "odd number of dollar", source(1, "a = \\$1$", "a = \\$1")),
    (rules.balanced_dollars, "double dollar", source(1, "b$$", "b")),
    (rules.one_sentence_a_line, "sentence. Another", source(0, "sentence.\n", "sentence. ")),
    (rules.one_sentence_a_line, "math. Then", source(1, "Words", "See $x$. Then words")),
    (rules.one_sentence_a_line, "it.) *The", source(1, "Words", "(See it.) *The* words")),
    (rules.sections_in_order, "no section 'Check'", source(4, "Check", "Look")),
    (rules.sections_in_order, "'Further reading'", lambda nb: nb.cells.insert(1, nb.cells.pop())),
    (
        rules.sections_in_order,
        "no section 'Why it is true'",
        source(2, "Why it is true", "Derivation"),
    ),
    (rules.picture_first, "words come before the first figure", more_words(0, 300)),
    (rules.few_visible_cells, "17 visible code cells", more_cells),
    (rules.short_enough, "words are more than 2000", more_words(8, 2000)),
    (
        rules.statements_are_checked,
        "3 statements, but only 2",
        source(1, ":::{prf", TWO + ":::{prf"),
    ),
    (rules.exercises_are_solved, "no check beside", source(12, "checks.equal(1, 1)", "1 + 1")),
    (
        rules.exercises_are_solved,
        "no check beside",
        source(12, "checks.equal(1, 1)", "from helpers.checks.model import x"),
    ),
    (rules.exercises_are_solved, "not folded", source(11, ":class: dropdown\n", "")),
    (rules.exercises_are_solved, "ex-one has no solution", source(11, "ex-one", "ex-two")),
    (rules.exercises_are_solved, "0 labels", source(10, ":label: ex-one\n", "")),
]


@pytest.mark.parametrize("rule", rules.RULES, ids=name_of)
def test_a_good_chapter_passes(rule):
    report(rule(chapter()))


def test_only_what_a_reader_sees_is_counted():
    proof = ":::{prf:proof}\n:class: dropdown\n\n" + "word " * 500 + "\n:::\n"
    formula = "$a + b$ and\n\n$$\nx = y\n$$ (eq-x)\n"
    assert rules.words(f"Two words.\n\n{proof}\n{formula}\nThree words more.") == 6
    nb = chapter()
    more_words(11, 3000)(nb)
    more_cells(nb)
    for cell in nb.cells[-14:]:
        cell.metadata["tags"] = ["hide-input"]
    report(rules.short_enough(nb))
    report(rules.few_visible_cells(nb))


@pytest.mark.parametrize(
    "rule, message, doctor", BROKEN, ids=[f"{r.__name__}: {m}" for r, m, _ in BROKEN]
)
def test_rule_catches(rule, message, doctor):
    nb = chapter()
    doctor(nb)
    assert any(message in found for found in rule(nb)), list(rule(nb))
    others = [r.__name__ for r in rules.RULES if r not in (rule, rules.valid_format) and [*r(nb)]]
    assert not others, f"the doctored chapter breaks other rules, too: {others}"


def test_each_rule_is_broken_once():
    assert {rule for rule, _, _ in BROKEN} == set(rules.RULES)


LOST = {
    "thm-gradient": source(1, ":label: thm-gradient", ":label: thm-other"),
    "eq-square": source(1, " (eq-square)", ""),
    "fig-bars": lambda nb: nb.cells[7].metadata.clear(),
    "two2021": source(11, "two2021", "three2022"),
    "2 times": source(10, ":label: ex-one", ":label: thm-gradient"),
    "fig-none": figure("figure", "caption", "As in {numref}`fig-none` above."),
}


@pytest.mark.parametrize("lost", LOST)
def test_lost_references_are_caught(lost):
    pages = {"book/chapter.ipynb": chapter(), "book/intro.md": chapter()}
    pages["book/intro.md"].cells = [new_markdown_cell("(top)=\n# T\n\n{ref}`top`")]
    report(rules.references_lead_somewhere(pages, BIB))
    LOST[lost](pages["book/chapter.ipynb"])
    found = list(rules.references_lead_somewhere(pages, BIB))
    assert any(lost.replace("two2021", "three2022") in message for message in found)


def test_a_page_outside_the_table_of_contents_is_caught():
    pages = dict.fromkeys(["book/intro.md", "book/chapter.ipynb"])
    report(rules.listed_in_contents(pages, TOC))
    for other in (
        pages | {"book/other.ipynb": None},
        pages | {"book/chapter.md": None},
        {"book/intro.md": None},
    ):
        assert len(list(rules.listed_in_contents(other, TOC))) == 1
