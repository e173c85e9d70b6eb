"""Pins, versions and workflows agree with each other."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def pins(name):
    """The pinned versions in a requirements file; every line must be an exact pin."""
    lines = (ROOT / name).read_text().splitlines()
    lines = [line for line in lines if line and not line.startswith(("#", "-r "))]
    found = [re.fullmatch(r"([\w.-]+)==([\w.]+)", line) for line in lines]
    assert all(found), [line for line, match in zip(lines, found, strict=True) if not match]
    return {re.sub("[-_.]+", "-", match[1]).lower(): match[2] for match in found}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_direct_pins_agree_with_the_constraints(name):
    assert pins(name).items() <= pins("constraints.txt").items()


def test_package_and_extra_name_only_what_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(project["dependencies"]) <= set(pins("requirements.txt"))
    both = {**pins("requirements.txt"), **pins("requirements-test.txt")}
    assert set(project["optional-dependencies"]["test"]) <= set(both)


def test_version_is_the_same_everywhere():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == version
    releases = re.findall(r"^## \[(\d[^]]*)\]", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert releases[0] == version


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_pins_its_actions_and_may_only_read(path):
    text = path.read_text()
    for use in re.findall(r"uses: (.*)", text):
        assert re.fullmatch(r"\./\S+( # .*)?|[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}


CPU = "https://download.pytorch.org/whl/cpu"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_that_installs_torch_takes_its_build_for_processors(path):
    installs = re.search(r"make \w+|environment\.sh", path.read_text())
    index = yaml.safe_load(path.read_text()).get("env", {}).get("PIP_EXTRA_INDEX_URL")
    assert index == (CPU if installs else None)


def test_linux_users_and_binder_are_told_of_that_build_too():
    for name in ("README.md", "tools/environment.sh", "binder/requirements.txt"):
        assert CPU in (ROOT / name).read_text(), name


def test_binder_takes_a_python_and_the_versions_that_are_tested():
    python = (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    assert f'python: ["{python}"]' in (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    for name in re.findall(r"-[rc] (\S+)", (ROOT / "binder" / "requirements.txt").read_text()):
        assert (ROOT / "binder" / name).is_file()


def imported():
    """The packages, as they are installed, that code cells of notebooks import."""
    names = {"sklearn": "scikit-learn", "IPython": "ipython"}
    cells = [
        cell
        for path in (ROOT / "book").rglob("*.ipynb")
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    lines = [line for cell in cells for line in "".join(cell["source"]).splitlines()]
    matches = [
        re.match(r"\s*(?:from|import) (\w+)(?:\.[\w.]+)?(?: import| as|$)", x) for x in lines
    ]
    found = {match[1] for match in matches if match} - sys.stdlib_module_names - {"helpers"}
    return {names.get(name, name) for name in found}


def test_binder_and_colab_have_what_notebooks_import(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "_ext")
    from published import OTHERS

    assert {"captum", "numpy", "shap", "torch"} < imported()
    assert "-r ../requirements-test.txt" in (ROOT / "binder" / "requirements.txt").read_text()
    assert imported() <= {*pins("constraints.txt")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    with_jupyter = {"ipython"}
    assert imported() <= {*project["dependencies"], *OTHERS} | with_jupyter


def test_workflows_have_no_weakness_that_zizmor_knows():
    zizmor = Path(sys.executable).with_name("zizmor")
    command = [zizmor, "--offline", "--strict-collection", "--quiet", ROOT / ".github"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
