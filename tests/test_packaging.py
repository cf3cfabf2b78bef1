"""What is installed is pinned, enough and no more than what the code imports."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions

from tests.conftest import ROOT
from tests.test_layers import LAYERS, SOURCES, imported

EXTRA = {"diffusers", "transformers"}  # of the extra `diffusion`; accelerate is theirs
# On Hugging Face Spaces only; on clusters that have it; the extras `speech` and `diffusion`.
OPTIONAL = {"spaces", "ray", "faster_whisper", *EXTRA}
# Its server, which ours stands before; and what reads its settings.
WITH_GRADIO = {"fastapi", "starlette", "anyio", "orjson", "tomlkit"}
WITHOUT_IMPORT = {"tensorboard"}  # torch's SummaryWriter needs it


def requirements(name: str) -> dict[str, set[str]]:
    """The distributions of a requirements file and the versions that they are pinned to."""
    pinned: dict[str, set[str]] = {}
    for line in (ROOT / name).read_text().splitlines():
        if line and not line.startswith(("#", "-r ")):
            match = re.fullmatch(r"([\w.-]+)==([\w.]+)(; python_version [<>=]+ \"3\.\d+\")?", line)
            assert match, f"not pinned: {line}"
            pinned.setdefault(match[1].lower().replace("_", "-"), set()).add(match[2])
    return pinned


def test_the_product_imports_what_requirements_name_and_nothing_else() -> None:
    distributions = packages_distributions()
    modules = {
        name.split(".")[0] for path in [*SOURCES, ROOT / "app.py"] for name in imported(path)
    }
    foreign = modules - sys.stdlib_module_names - set(LAYERS) - OPTIONAL - {""}
    needed = {distributions[name][0].lower().replace("_", "-") for name in foreign}
    assert needed >= WITH_GRADIO
    assert needed - WITH_GRADIO | WITHOUT_IMPORT == requirements("requirements.txt").keys()


def test_the_extra_for_diffusion_is_pinned_as_the_tests_have_it() -> None:
    written = re.search(
        r"^diffusion = \[(.*?)\]\n", (ROOT / "pyproject.toml").read_text(), re.M | re.S
    )
    assert written is not None
    pinned = re.findall(r'"(\w+)==([\d.]+)', written[1])
    assert {name for name, _ in pinned} == EXTRA | {"accelerate"}
    tested = requirements("requirements-dev.txt")
    assert all(tested[name] == {version} for name, version in pinned)


def test_the_development_requirements_are_pinned() -> None:
    assert {"pytest", "hypothesis", "ruff", "mypy", "playwright"} <= requirements(
        "requirements-dev.txt"
    ).keys()


def test_the_space_runs_the_gradio_that_is_pinned() -> None:
    front_matter = (ROOT / "README.md").read_text("utf-8").split("---")[1]
    settings = dict(re.findall(r"^(\w+): *\"?([^\"\n]+)\"?$", front_matter, re.MULTILINE))
    assert settings["sdk"] == "gradio"
    assert {settings["sdk_version"]} == requirements("requirements.txt")["gradio"]
    assert settings["app_file"] == "app.py"


def test_whatever_the_packages_hold_is_installed() -> None:
    """In an editable installation nobody would see that a new panel's scripts are left behind."""
    _, told = (ROOT / "pyproject.toml").read_text("utf-8").split("[tool.setuptools.package-data]\n")
    for package in LAYERS[:-1]:
        given = re.search(rf"^{package} = (\[.*?\])$", told, re.MULTILINE | re.DOTALL)
        patterns = ast.literal_eval(given[1]) if given else []
        installed = {path for pattern in patterns for path in (ROOT / package).glob(pattern)}
        there = {path for path in (ROOT / package).rglob("*") if path.is_file()}
        left = {path for path in there - installed if path.suffix not in (".py", ".pyc")}
        assert not left


def test_every_file_is_python_3_10() -> None:
    tracked = [*SOURCES, ROOT / "app.py", *(ROOT / "benchmarks").glob("*.py")]
    for path in tracked:
        ast.parse(path.read_text("utf-8"), str(path), feature_version=(3, 10))


def test_continuous_integration_runs_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "exec make test" in script.read_text()
    planned = subprocess.run(
        ["make", "--dry-run", "--always-make", "test"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for step in ("ruff check", "ruff format --check", "mypy", "pytest"):
        assert step in planned
