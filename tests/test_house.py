"""The rules of the house that no linter knows: who may import whom, what may lie in the tree."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Data flows down this list; a room imports only itself and what stands above it.
ROOMS = (
    "errors detections tracks geometry",
    "video",
    "models",
    "tracking",
    "motion",
    "attributes",
    "library",
    "index",
    "identity",
    "language",
    "search",
    "explore",
    "ingest",
    "evaluate",
    "terminal cli_branches cli_tracking cli_retrieval cli_identity cli_ways cli_zones cli_search "
    "cli_explore cli_clusters cli_unusual cli_select cli_insight cli_judge options doctor "
    "cli_adding cli __main__",
)
RANK = {name: rank for rank, names in enumerate(ROOMS) for name in names.split()}
ABOVE = {  # package -> packages of ours that it may import
    "core": {"core"},
    "dashboard": {"core", "dashboard"},
    "pages": {"dashboard"},
    "sample_videos": {"core", "sample_videos"},
}
NO_INTERFACE = {"streamlit", "plotly", "starlette", "uvicorn"}
HEAVY = {
    "torch", "torchvision", "ultralytics", "open_clip", "faiss", "openvino", "timm", "openTSNE",
}  # fmt: skip
PRINTS = {"core/cli.py"}
LONGEST, LONGEST_PAGE = 500, 120
LARGEST_BYTES, LARGEST_TREE_BYTES = 15 * 2**20, 60 * 2**20


@cache
def tracked() -> tuple[Path, ...]:
    """Files of the repository, those not yet added included, ignored ones left out."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def modules(*packages: str) -> list[Path]:
    return [
        path
        for path in tracked()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in packages
    ]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(node: ast.AST) -> Iterator[str]:
    """Modules that an import statement names, with the names it takes from them."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def at_import(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when the module is imported, TYPE_CHECKING blocks left out."""
    for statement in body:
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            continue
        yield statement
        if isinstance(statement, ast.If | ast.Try | ast.With | ast.ClassDef):
            yield from at_import(statement.body)


def room(path: Path) -> str:
    parts = path.relative_to(ROOT / "core").parts
    return parts[0].removesuffix(".py")


def test_there_is_something_to_check():
    assert {room(path) for path in modules("core")} >= {"errors", "video", "tracking", "library"}


def test_packages_import_only_what_is_below_them():
    wrong = [
        f"{name_of(path)}:{node.lineno} imports {module}"
        for package, allowed in ABOVE.items()
        for path in modules(package)
        for node in ast.walk(tree(path))
        for module in imported(node)
        if ((top := module.split(".")[0]) in ABOVE and top not in allowed)
        or (package in ("core", "sample_videos") and top in NO_INTERFACE)
    ]
    assert wrong == []


def test_rooms_of_the_core_import_only_rooms_above_them():
    wrong = [
        f"{name_of(path)}:{node.lineno} imports {module}"
        for path in modules("core")
        if room(path) != "__init__"
        for node in ast.walk(tree(path))
        for module in imported(node)
        if module.startswith("core.") and RANK[module.split(".")[1]] > RANK[room(path)]
    ]
    assert wrong == []


def test_imports_across_packages_are_absolute():
    wrong = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules(*ABOVE)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.level > 0
    ]
    assert wrong == []


def test_heavy_libraries_are_loaded_where_they_are_used():
    wrong = [
        f"{name_of(path)}:{node.lineno} imports {module}"
        for path in modules("core", "dashboard", "pages")
        for node in at_import(tree(path).body)
        for module in imported(node)
        if module.split(".")[0] in HEAVY
    ]
    assert wrong == []


def test_only_commands_print():
    wrong = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules(*ABOVE)
        if name_of(path) not in PRINTS and path.name != "__main__.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert wrong == []


def test_no_error_is_swallowed_and_nothing_is_left_for_later():
    unfinished = re.compile(r"#\s*(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
    swallowed = [
        f"{name_of(path)}:{node.lineno} swallows"
        for path in modules(*ABOVE)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and all(isinstance(statement, ast.Pass | ast.Continue) for statement in node.body)
    ]
    later = [
        f"{name_of(path)}:{number}"
        for path in modules(*ABOVE)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if unfinished.search(line)
    ]
    assert swallowed + later == []


def test_modules_stay_short():
    long = [
        f"{name_of(path)}: {count} lines"
        for path in modules(*ABOVE)
        if (count := len(path.read_text(encoding="utf-8").splitlines()))
        > (LONGEST_PAGE if path.is_relative_to(ROOT / "pages") else LONGEST)
    ]
    assert long == []


# Written in pieces, so that this file does not find itself.
FORBIDDEN = {
    "an address of a package index": "|".join(
        ("python" + "hosted", r"pypi\." + "org", r"registry\.npm" + "js", r"deb\.debian\." + "org")
    ),
    "a path of one machine": r"(?<![\w.$}])/(work|root|farm|home|Users)/\w",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str):
    pattern = re.compile(FORBIDDEN[what])
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{name_of(path)}:{number}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)
        ]
    assert found == []


def test_the_tree_stays_small():
    sizes = {name_of(path): path.stat().st_size for path in tracked()}
    assert {name: size for name, size in sizes.items() if size > LARGEST_BYTES} == {}
    assert sum(sizes.values()) <= LARGEST_TREE_BYTES


def test_nothing_asks_the_network_for_looks():
    outside = re.compile(r"(src|href|url|import)\s*[=(:]?\s*[\"'(]?\s*https?://", re.IGNORECASE)
    looks = [
        path
        for path in tracked()
        if path.suffix in {".css", ".js", ".html"} or path.name == "config.toml"
    ]
    assert looks
    assert [name_of(p) for p in looks if outside.search(p.read_text(encoding="utf-8"))] == []


def test_the_core_starts_without_heavy_libraries():
    """The command answers `--help` at once, because models are loaded only when asked for."""
    code = (
        "import sys, core.cli, core.search.engine\n"
        f"print(sorted(set(sys.modules) & {HEAVY | NO_INTERFACE!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
