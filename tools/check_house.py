"""Checks the house rules that no ready-made tool knows.

``python tools/check_house.py [ROOT]`` reads the Python files below ROOT (default: this repository), prints
``file:line: rule: message`` for each finding and exits with 1 if there is any; CONTRIBUTING.md has the rules.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

PACKAGE = "userhero"
FOLDERS = (PACKAGE, "tools", "tests", "benchmarks")
MODULE_LINES = 300
FUNCTION_LINES = 40
ENDPOINT_LINES = 12
VAGUE_NAMES = {name + plural for name in ("util", "helper", "common", "base", "manager") for plural in ("", "s")}
STARTERS = {"server", "worker", "cli"}
EDGES = {"api", "pages", "jobs", "handlers"}
CLOCK_CALLS = {
    f"{owner}.{call}"
    for owner, calls in {
        "datetime": ("now", "utcnow", "today"),
        "date": ("today",),
        "time": ("time", "time_ns"),
    }.items()
    for call in calls
}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Found = Iterator[tuple[int, str, str]]


@dataclass(frozen=True)
class Module:
    """One parsed file; ``parts`` is its dotted path, such as ("userhero", "feedback", "api")."""

    path: Path
    parts: tuple[str, ...]
    source: str
    tree: ast.Module
    root: Path

    @cached_property
    def own_slice(self) -> str | None:
        """The slice that the file belongs to; None for the package's own ``__init__``."""
        return self.parts[1] if len(self.parts) > 1 else None

    @cached_property
    def is_product(self) -> bool:
        """Whether the file ships."""
        return self.parts[0] == PACKAGE

    @cached_property
    def is_migration(self) -> bool:
        """Whether Alembic runs the file: its length is the schema's, and it may name tables anywhere."""
        return "migrations" in self.parts

    @cached_property
    def functions(self) -> list[Function]:
        """Every function of the file, methods and inner ones included."""
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    @cached_property
    def calls(self) -> list[tuple[int, str]]:
        """Line and dotted name of every call of something that has a name."""
        nodes = (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        return [(node.lineno, ast.unparse(node.func)) for node in nodes]

    def absolute(self, statement: ast.ImportFrom) -> tuple[str, ...]:
        """Return what a from-import names, with the dots of a relative one resolved."""
        named = tuple(statement.module.split(".")) if statement.module else ()
        if not statement.level:
            return named
        here = self.parts if self.path.name == "__init__.py" else self.parts[:-1]
        return here[: len(here) - statement.level + 1] + named


@cache
def door_exports(folder: Path) -> frozenset[str] | None:
    """Return the names in ``__all__`` of the package in a folder; None where there is no package."""
    file = folder / "__init__.py"
    if not file.is_file():
        return None
    for statement in ast.parse(file.read_text("utf-8")).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__":
            return frozenset(ast.literal_eval(statement.value))
    return frozenset()


def module_length(module: Module) -> Found:
    """A file of the product or a tool has a ceiling; migrations are exempt."""
    lines = len(module.source.splitlines())
    if module.parts[0] in {PACKAGE, "tools"} and not module.is_migration and lines > MODULE_LINES:
        yield 1, "module-length", f"{lines} lines; at most {MODULE_LINES}: split it by concern"


def function_length(module: Module) -> Found:
    """A function has a ceiling, docstring included; migrations are exempt."""
    if module.parts[0] not in {PACKAGE, "tools"} or module.is_migration:
        return
    for function in module.functions:
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > FUNCTION_LINES:
            yield (
                function.lineno,
                "function-length",
                f"{function.name} has {lines} lines; at most {FUNCTION_LINES}",
            )


def endpoint_length(module: Module) -> Found:
    """The body of an endpoint has a ceiling, docstring and blank lines not counted."""
    lines = module.source.splitlines()
    for function in module.functions if module.is_product else ():
        decorators = [d.func for d in function.decorator_list if isinstance(d, ast.Call)]
        if not any(isinstance(d, ast.Attribute) and ast.unparse(d.value) == "routes" for d in decorators):
            continue
        body = function.body[1:] if ast.get_docstring(function) is not None else function.body
        if not body:
            continue
        count = sum(1 for line in lines[body[0].lineno - 1 : body[-1].end_lineno] if line.strip())
        if count > ENDPOINT_LINES:
            yield (
                function.lineno,
                "endpoint-length",
                f"{function.name} has {count} lines; at most {ENDPOINT_LINES}",
            )


def local_import(module: Module) -> Found:
    """Imports stand at the top of the file."""
    lines = {
        node.lineno
        for function in module.functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    for line in sorted(lines):
        yield line, "local-import", "import at the top of the module"


def vague_name(module: Module) -> Found:
    """A module is named after what it is about."""
    for name in module.parts:
        if name in VAGUE_NAMES:
            yield 1, "vague-name", f"{name!r} says nothing: name it after what it is about"


def emit_below_actions(module: Module) -> Found:
    """Events are emitted where the write is."""
    if not module.is_product or "actions" in module.parts:
        return
    for line, name in module.calls:
        if name == "emit" or name.endswith("events.emit"):
            yield line, "emit", "events are emitted in actions only"


def commit_in_kernel(module: Module) -> Found:
    """The kernel ends transactions; nobody else does."""
    if not module.is_product or module.parts[1:3] == ("kernel", "db"):
        return
    for line, name in module.calls:
        if name.rpartition(".")[2] in {"commit", "rollback"} and "." in name:
            yield line, "commit", "only kernel.db commits and rolls back"


def clock(module: Module) -> Found:
    """The time of day is asked of the kernel's clock, which tests can set."""
    if not module.is_product or module.parts[1:] == ("kernel", "clock"):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            name = ".".join(ast.unparse(node).split(".")[-2:])
            if name in CLOCK_CALLS:
                yield node.lineno, "clock", f"{name}: take the time from kernel.clock"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            for alias in node.names:
                if f"time.{alias.name}" in CLOCK_CALLS:
                    yield node.lineno, "clock", f"time.{alias.name}: take the time from kernel.clock"


def reached(module: Module) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Yield line, slice and path inside it for all that a file imports from slices or takes off them."""
    slices: dict[str, str] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            paths = [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            target = module.absolute(node)
            paths = [(*target, alias.name) for alias in node.names]
            if target == (PACKAGE,):
                slices |= {alias.asname or alias.name: alias.name for alias in node.names}
                continue
        else:
            continue
        yield from ((node.lineno, path[1], path[2:]) for path in paths if path[0] == PACKAGE and path[1:])
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in slices:
            yield node.lineno, slices[node.value.id], (node.attr,)


def door(module: Module) -> Found:
    """Slices meet at the door; the kernel is open, starters reach edges and migrations reach tables."""
    if not module.is_product:
        return
    for line, name, path in reached(module):
        exports = door_exports(module.root / PACKAGE / name)
        if (
            name in {"kernel", module.own_slice}
            or (module.own_slice in STARTERS and path[:1] and path[0] in EDGES)
            or (module.is_migration and path[:1] == ("tables",))
            or (len(path) == 1 and (exports is None or path[0] in exports))
        ):
            continue
        yield line, "door", f"{'.'.join((PACKAGE, name, *path))} is not in __all__ of {PACKAGE}.{name}"
    if module.path.name == "__init__.py" and len(module.parts) == 2 and module.own_slice != "kernel":
        yield from inner_modules_let_out(module)


def inner_modules_let_out(module: Module) -> Found:
    """A door offers things, not modules; a function may bear its module's name."""
    imports = [node for node in module.tree.body if isinstance(node, ast.ImportFrom)]
    things = {alias.name for node in imports if len(module.absolute(node)) > 2 for alias in node.names}
    folder = (module.root / module.path).parent
    for name in sorted((door_exports(folder) or frozenset()) - things):
        if (folder / name).is_dir() or (folder / f"{name}.py").is_file():
            yield 1, "door", f"__all__ lets {name} out, a module from inside"


RULES: tuple[Callable[[Module], Found], ...] = (
    module_length,
    function_length,
    endpoint_length,
    local_import,
    vague_name,
    emit_below_actions,
    commit_in_kernel,
    clock,
    door,
)


def modules(root: Path) -> Iterator[Module]:
    """Yield every Python file below the checked folders, parsed, in a stable order; not what hidden folders keep."""
    for path in sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.py")):
        relative = path.relative_to(root).with_suffix("")
        if any(part.startswith(".") for part in relative.parts):
            continue
        parts = relative.parts[:-1] if relative.name == "__init__" else relative.parts
        source = path.read_text("utf-8")
        yield Module(path.relative_to(root), parts, source, ast.parse(source, str(path)), root)


def main() -> int:
    """Print every finding; return 1 if there is any."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    findings = 0
    for module in modules(root):
        for line, rule, message in sorted(found for check in RULES for found in check(module)):
            print(f"{module.path}:{line}: {rule}: {message}")
            findings += 1
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
