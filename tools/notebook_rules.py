"""What every page of the book must satisfy as a file.  ``tests/test_notebooks.py`` applies this.

A rule is a function of a notebook that yields one message for each violation.
"""

import ast
import re
from collections import Counter
from pathlib import Path
from statistics import median

import nbformat
import yaml
from nbformat.v4 import new_markdown_cell, new_notebook

MAX_LINES, MEDIAN_LINES, MIN_DESCRIPTION = 20, 5, 20
MAX_WORDS, MAX_VISIBLE, FIRST_FIGURE = 2000, 15, 250
SECTIONS = (
    "Statement",
    "Why it is true",
    "Check",
    "On held-out documents",
    "Where it breaks",
    "What to do tomorrow",
    "Exercises",
    "Further reading",
)
CAN_FAIL = re.compile(
    r"\bassert\b|(?<!\.)\bchecks\.|\bnp\.testing\b|\brequire_equal\(|\braises\(|\braise\b"
)
STATEMENT = re.compile(r"^[`:]{3,}\{prf:(theorem|proposition|lemma|corollary)\}", re.M)
PROOF_BLOCK = re.compile(r"^[`:]{3,}\{prf:\w+\}", re.M)
VERBATIM = {"code-block", "code-cell", "code", "literalinclude", "math", "raw", "bibliography"}
ABBREVIATIONS = {
    *("e.g.", "i.e.", "cf.", "vs.", "al.", "resp.", "etc.", "approx.", "no.", "pp.", "p."),
    *("fig.", "figs.", "eq.", "eqs.", "sec.", "app.", "ch.", "def.", "thm.", "prop.", "cor."),
}
FOLDERS = re.compile(r"(?<![\w.:/>])/(?:home|root|work|tmp|Users|usr|opt)\b|\b[A-Z]:\\\\?Users")
TIMING_CODE = re.compile(r"perf_counter|timeit|process_time|monotonic|\btime\.time\(|datetime\.now")
TIMING_TEXT = re.compile(r"\belapsed\b|\bwall time\b|\bCPU times?\b|\d ?it/s|\bs/it\b", re.I)
COMPARED = {"nbval-skip", "raises-exception", "nbval-raises-exception", "nbval-check-output"}


# ---- reading


def read(path: Path):
    """A page as a notebook that is not upgraded or repaired; a Markdown file is one cell."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        try:
            return nbformat.reads(text, as_version=nbformat.NO_CONVERT)
        except Exception as error:
            raise ValueError(f"{path} cannot be read as a notebook") from error
    text = re.sub(r"\A---\n.*?\n---\n+", "", text, flags=re.S)
    return new_notebook(cells=[new_markdown_cell(text, id="page")])


def numbered(nb, kind: str):
    """The cells of a kind with their name in messages."""
    return [
        (f"cell {n} ({cell.get('id')})", cell)
        for n, cell in enumerate(nb.cells, start=1)
        if cell.cell_type == kind
    ]


def prose(source: str) -> str:
    """Markdown without code, math directives, fences, options of directives and inline code."""
    lines, open_fences = [], []  # pairs: fence, whether its contents are verbatim
    for line in source.splitlines():
        verbatim = bool(open_fences) and open_fences[-1][1]
        fence = re.match(r"\s*(`{3,}|~{3,}|:{3,})\s*(?:\{([\w:-]+)\})?", line)
        closes = fence and line.strip() == fence[1] and bool(open_fences)
        if closes and fence[1].startswith(open_fences[-1][0]):
            open_fences.pop()
        elif fence and not verbatim:
            code = not fence[2] and fence[1][0] != ":"
            open_fences.append((fence[1], code or fence[2] in VERBATIM))
        elif not verbatim and not re.match(r"\s*:[\w-]+:(\s|$)", line):
            lines.append(line)
    return re.sub(r"(`+)[^`]+\1", "code", "\n".join(lines))


def texts(cell):
    """The texts among the outputs of a cell, each with its MIME type or stream name."""
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            yield output.name, output.text
        for kind, value in output.get("data", {}).items():
            if isinstance(value, str) and (not kind.startswith("image/") or "svg" in kind):
                yield kind, value


# ---- rules for code


def valid_format(nb):
    """nbformat 4.5, valid, with unique cell ids."""
    if (nb.nbformat, nb.nbformat_minor) != (4, 5):
        yield f"nbformat {nb.nbformat}.{nb.nbformat_minor} is not 4.5"
        return
    for name, count in Counter(cell.get("id") for cell in nb.cells).items():
        if count > 1:
            yield f"{count} cells have the id {name}"
            return
    try:
        nbformat.validate(nb)
    except nbformat.ValidationError as error:
        yield f"not a valid notebook: {error.message}"


def executed_in_order(nb):
    """Cells were executed from top to bottom, once; nbval ignores a cell without a count."""
    for count, (where, cell) in enumerate(numbered(nb, "code"), start=1):
        if cell.execution_count != count:
            yield f"{where}: execution_count is {cell.execution_count}, not {count}"


def no_error_and_no_warning(nb):
    """No traceback and nothing on stderr."""
    for where, cell in numbered(nb, "code"):
        for output in cell.outputs:
            if output.output_type == "error":
                yield f"{where}: committed error {output.ename}"
            elif output.get("name") == "stderr":
                yield f"{where}: output on stderr: {output.text[:80]!r}"


def plain_python(nb):
    """No magic, no shell line, no trailing semicolon."""
    for where, cell in numbered(nb, "code"):
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            yield f"{where}: not plain Python: {error.text!r}"
        if "get_ipython" in cell.source:
            yield f"{where}: get_ipython is a magic in disguise"
        if any(line.rstrip().endswith(";") for line in cell.source.splitlines()):
            yield f"{where}: a line ends with a semicolon"


def all_compared(nb):
    """Only the tag nbval-ignore-output switches a comparison off, and only beside an assertion."""
    for where, cell in numbered(nb, "code"):
        tags = set(cell.metadata.get("tags", []))
        if tags & COMPARED or re.search(r"^\s*#\s*(NBVAL|PYTEST_VALIDATE)_", cell.source, re.M):
            yield f"{where}: nbval is told to do less than run and compare"
        if "nbval-ignore-output" in tags and not CAN_FAIL.search(cell.source):
            yield f"{where}: outputs are not compared, and nothing is asserted"


def small_cells(nb):
    """No empty cell, no long code cell, and short ones mostly."""
    for n, cell in enumerate(nb.cells, start=1):
        if not cell.source.strip():
            yield f"cell {n} ({cell.get('id')}): empty"
    lines = [sum(bool(x.strip()) for x in c.source.splitlines()) for _, c in numbered(nb, "code")]
    for (where, _), length in zip(numbered(nb, "code"), lines, strict=True):
        if length > MAX_LINES:
            yield f"{where}: {length} lines of code are more than {MAX_LINES}"
    if lines and median(lines) > MEDIAN_LINES:
        yield f"the median code cell has {median(lines):g} lines, more than {MEDIAN_LINES}"


def described_figures(nb):
    """A picture has a caption, a name and a text for those who do not see it."""
    for where, cell in numbered(nb, "code"):
        if not any(kind.startswith("image/") for o in cell.outputs for kind in o.get("data", {})):
            continue
        mystnb = cell.metadata.get("mystnb", {})
        figure, image = mystnb.get("figure", {}), mystnb.get("image", {})
        for field, text in (("caption", figure.get("caption")), ("alt", image.get("alt"))):
            if len(text or "") < MIN_DESCRIPTION:
                yield f"{where}: picture with {field} {text!r}, under {MIN_DESCRIPTION} characters"
        if not str(figure.get("name", "")).startswith("fig-"):
            yield f"{where}: picture with name {figure.get('name')!r}, which must start with fig-"


def evidence_is_not_a_boolean(nb):
    """Checks raise; an output that says no more than True is no evidence."""
    for where, cell in numbered(nb, "code"):
        for kind, text in texts(cell):
            words = {w.rstrip("_") for w in re.findall(r"\w+", text)} - {"array", "np", "bool"}
            if words and words <= {"True", "False"} and kind in ("stdout", "text/plain"):
                yield f"{where}: the output is {text.strip()!r}; let the cell raise instead"


def no_timing(nb):
    """A timing never agrees with the committed one."""
    for where, cell in numbered(nb, "code"):
        if found := TIMING_CODE.search(cell.source):
            yield f"{where}: takes the time with {found[0]}"
        for _, text in texts(cell):
            if found := TIMING_TEXT.search(text):
                yield f"{where}: prints a timing: {found[0]}"


# ---- rules for Markdown and for all


def no_folder_of_a_machine(nb):
    """Neither source nor output names a folder that readers do not have."""
    for n, cell in enumerate(nb.cells, start=1):
        for text in (cell.source, *(text for _, text in texts(cell))):
            if found := FOLDERS.search(text):
                yield f"cell {n} ({cell.get('id')}): names a folder: {text[found.start() :][:40]!r}"


def one_title(nb):
    """The first cell is Markdown and starts with the only title."""
    first = nb.cells[0] if nb.cells else new_markdown_cell()
    label = re.compile(r"(?:\(\S+\)=\n+)?# ")  # of the page, if it has one
    if first.cell_type != "markdown" or not label.match(first.source):
        yield "the first cell is not Markdown that starts with '# '"
    titles = [t for _, c in numbered(nb, "markdown") for t in headings(c, level=1)]
    if len(titles) > 1:
        yield f"more than one title: {titles}"


def headings(cell, level: int) -> list[str]:
    return re.findall(rf"^{'#' * level} +(.+)$", prose(cell.source), re.M)


def balanced_dollars(nb):
    """Every formula that is opened is closed, in the same paragraph."""
    for where, cell in numbered(nb, "markdown"):
        parts = prose(cell.source).replace(r"\$", "").split("$$")
        if len(parts) % 2 == 0:
            yield f"{where}: an odd number of double dollar signs"
            continue
        for paragraph in re.split(r"\n\s*\n", "\n\n".join(parts[::2])):
            if paragraph.count("$") % 2:
                yield f"{where}: an odd number of dollar signs in {paragraph.strip()[:60]!r}"


def one_sentence_a_line(nb):
    """A change of a sentence is a change of a line.  Tables and lists may be denser."""
    for where, cell in numbered(nb, "markdown"):
        text = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", "math", prose(cell.source), flags=re.S)
        for line in text.splitlines():
            if re.match(r"\s*(\||[-*+] |\d+[.)] |<|\[\^)", line):
                continue
            for end in re.finditer(r"""(\S+[.!?][)"'*_]*)\s+[("'*_\[]*[A-Z]\w*""", line):
                word = end[1].lower().strip("()[]\"'*_")
                if word not in ABBREVIATIONS and not re.fullmatch(r"(\w\.)+", word):
                    yield f"{where}: more than one sentence in a line: {end[0]!r}"


# ---- rules for chapters with theorems


def markdown(nb) -> str:
    return "\n\n".join(cell.source for _, cell in numbered(nb, "markdown"))


def sections(nb) -> list[str]:
    return [t for _, cell in numbered(nb, "markdown") for t in headings(cell, level=2)]


def is_chapter(nb) -> bool:
    """Whether a page is a chapter: it has statements, or says what to do."""
    return bool(PROOF_BLOCK.search(markdown(nb))) or "What to do tomorrow" in sections(nb)


def sections_in_order(nb):
    """A chapter with a theorem has the sections of all such chapters, in their order."""
    if not PROOF_BLOCK.search(markdown(nb)):
        return
    found = sections(nb)
    rest = iter(found)
    for section in SECTIONS:
        if not any(t.lower().startswith(section.lower()) for t in rest):
            yield f"no section {section!r} at its place among {found}"
            return


def words(source: str) -> int:
    """Words of Markdown that a reader sees: no code, no formula, and nothing that is folded."""
    folded = r"^([`:]{3,})\{[^\n]*\n(?::[^\n]*\n)*:class: *dropdown\n.*?^\1 *$"
    solution = r"^```\{solution-start\}.*?^```\{solution-end\}"
    text = re.sub(f"{solution}|{folded}", "", source + "\n", flags=re.M | re.S)
    text = re.sub(r"\$\$.*?\$\$(?: *\(\S+\))?|\$[^$]*\$", " ", prose(text), flags=re.S)
    return len(re.findall(r"[^\W\d_][\w'’-]*", text))


def in_solution(nb) -> list[bool]:
    """For each cell, whether it belongs to the solution of an exercise, which is folded."""
    inside, found = False, []
    for cell in nb.cells:
        opens, closes = ("{solution-" + end in cell.source for end in ("start}", "end}"))
        found.append(inside or opens)
        inside = (inside or opens) and not closes
    return found


def picture_first(nb):
    """A chapter shows a figure within its first 250 words."""
    if not is_chapter(nb):
        return
    before = 0
    for cell in nb.cells:
        if cell.get("metadata", {}).get("mystnb", {}).get("figure"):
            break
        before += words(cell.source) if cell.cell_type == "markdown" else 0
    if before > FIRST_FIGURE:
        yield f"{before} words come before the first figure, more than {FIRST_FIGURE}"


def few_visible_cells(nb):
    """A chapter folds all code but what carries the argument."""
    if not is_chapter(nb):
        return
    visible = sum(
        cell.cell_type == "code"
        and "hide-input" not in cell.metadata.get("tags", [])
        and not folded
        for cell, folded in zip(nb.cells, in_solution(nb), strict=True)
    )
    if visible > MAX_VISIBLE:
        yield f"{visible} visible code cells are more than {MAX_VISIBLE}"


def short_enough(nb):
    """A chapter can be read in twenty minutes."""
    if not is_chapter(nb):
        return
    pairs = zip(nb.cells, in_solution(nb), strict=True)
    seen = [cell.source for cell, folded in pairs if cell.cell_type == "markdown" and not folded]
    count = words("\n\n".join(seen))
    if count > MAX_WORDS:
        yield f"{count} words are more than {MAX_WORDS}"


def statements_are_checked(nb):
    """There are at least as many cells that can fail as there are statements."""
    statements = len(STATEMENT.findall(markdown(nb)))
    checks = sum(bool(CAN_FAIL.search(cell.source)) for _, cell in numbered(nb, "code"))
    if checks < statements:
        yield f"{statements} statements, but only {checks} cells that can fail"


def exercises_are_solved(nb):
    """Every exercise has a folded solution, and a cell after it, or inside it, that can fail."""
    solved, block = set(), r"^[`:]{3,}\{solution(-start)?\}[ \t]*(\S+)\n((?::.*\n)*)"
    for n, cell in enumerate(nb.cells):
        if cell.cell_type != "markdown":
            continue
        for found in re.finditer(block, cell.source + "\n", re.M):
            solved.add(found[2])
            after = []
            for later in nb.cells[n + 1 :]:
                if later.cell_type == "code":
                    after.append(later.source)
                elif not found[1] or "{solution-end}" in later.source:
                    break
            if not any(map(CAN_FAIL.search, after)):
                yield f"cell {n + 1} ({cell.get('id')}): no check beside the solution of {found[2]}"
            if ":class: dropdown" not in found[3]:
                yield f"cell {n + 1} ({cell.get('id')}): the solution of {found[2]} is not folded"
    pattern = r"^[`:]{3,}\{exercise(?:-start)?\}.*\n(?::(?!label).*\n)*:label: *(\S+)"
    labels = re.findall(pattern, markdown(nb), re.M)
    for label in labels:
        if label not in solved:
            yield f"the exercise {label} has no solution"
    exercises = len(re.findall(r"^[`:]{3,}\{exercise(?:-start)?\}", markdown(nb), re.M))
    if exercises != len(labels):
        yield f"{exercises} exercises have {len(labels)} labels"


CODE_RULES = (
    *(valid_format, executed_in_order, no_error_and_no_warning, plain_python, all_compared),
    *(small_cells, described_figures, evidence_is_not_a_boolean, no_timing),
)
PAGE_RULES = (no_folder_of_a_machine, one_title, balanced_dollars, one_sentence_a_line)
CHAPTER_RULES = (
    *(sections_in_order, statements_are_checked, exercises_are_solved),
    *(picture_first, few_visible_cells, short_enough),
)
RULES = CODE_RULES + PAGE_RULES + CHAPTER_RULES


# ---- rules for the book as a whole: functions of {path: notebook}

LABEL = re.compile(
    r"^\s*:(?:label|name): *(\S+)|^\((\S+)\)=|^.*\$\$ *\(([^)\s]+)\) *$|\\label\{([^}]+)\}", re.M
)
ROLE = re.compile(r"\{(prf:ref|numref|eq|ref|cite(?::\w+)?)\}`([^`]+)`")


def marked(nb) -> str:
    """All Markdown of a notebook, with the captions of its figures."""
    figures = [c.metadata.get("mystnb", {}).get("figure", {}) for _, c in numbered(nb, "code")]
    names = [f":name: {f['name']}\n{f.get('caption', '')}" for f in figures if "name" in f]
    return "\n\n".join([markdown(nb), *names])


def references_lead_somewhere(pages: dict, bibliography: str):
    """Each label is there once, and each reference and citation has its target."""
    labels, keys = Counter(), set(re.findall(r"^@\w+\{\s*([^,\s]+)", bibliography, re.M))
    for nb in pages.values():
        labels.update(next(filter(None, groups)) for groups in LABEL.findall(marked(nb)))
    for label, count in labels.items():
        if count > 1:
            yield f"the label {label} is there {count} times"
    for path, nb in pages.items():
        for role, target in ROLE.findall(marked(nb)):
            target = re.sub(r"^.*<(.+)>$", r"\1", target, flags=re.S)
            known = keys if role.startswith("cite") else labels
            for one in target.split(",") if role.startswith("cite") else [target]:
                if one.strip() not in known:
                    yield f"{path}: {{{role}}}`{one.strip()}` leads nowhere"


def listed_in_contents(pages: dict, contents: str):
    """Each page is listed in the table of contents, once, and each entry is a page."""
    listed = Counter(re.findall(r"'(?:file|root)': '(book/[^']+)'", str(yaml.safe_load(contents))))
    there = Counter(Path(path).with_suffix("").as_posix() for path in pages)
    for name in sorted(listed.keys() | there.keys()):
        if listed[name] != 1 or there[name] != 1:
            yield f"{name}: {there[name]} files, listed {listed[name]} times in the contents"
