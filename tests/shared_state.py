"""What the product's modules hold in common for every call of a process, found in their source and at run time."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FunctionType, ModuleType

ROOT = Path(__file__).parents[1] / "layers/hallpass/hallpass"
_CONTAINERS = {
    "dict", "list", "set", "bytearray", "defaultdict", "Counter", "OrderedDict", "deque", "WeakValueDictionary",
    "count", "cycle", "ContextVar", "local", "Lock", "RLock", "Session", "client", "resource",
}  # fmt: skip
_CACHES = {"cache", "lru_cache"}
_MAKING = {"__init__", "__post_init__"}


def shared(source: str) -> Iterator[str]:
    """What holds something that calls could change: names of a module or a class, functions, and classes of objects.

    A cached function; a name that is rebound by `global`; a container that starts empty, or an object with a state;
    a class whose objects have such a one, are one, or get new values after they are made. A table with entries is not
    among them: `fingerprint` shows whether it changes.
    """
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Global(names):
                yield from names
            case ast.FunctionDef(name=name, decorator_list=decorators):
                yield from [name] * any(_name(decorator) in _CACHES for decorator in decorators)
            case ast.Module(body):
                yield from (name for statement in body for name in _bound(statement))
            case ast.ClassDef(name=name, bases=bases, body=body):
                yield from (f"{name}.{held}" for statement in body for held in _bound(statement))
                if any(_name(base) in _CONTAINERS for base in bases) or any(map(_alters, body)):
                    yield name


def _alters(member: ast.stmt) -> bool:
    """Whether a method gives its object a container, or after it was made any new value."""
    if not isinstance(member, ast.FunctionDef):
        return False
    nodes = list(ast.walk(member))
    assigned = [node for node in nodes if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)]
    if member.name in _MAKING:
        return any(name.startswith("self.") for node in assigned for name in _bound(node))
    return any(
        isinstance(place, ast.Attribute) and isinstance(place.ctx, ast.Store) and ast.unparse(place.value) == "self"
        for place in nodes
    )


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that an assignment binds to what can change."""
    match statement:
        case ast.Assign(targets, value) if _changes(value):
            yield from (name for name in map(ast.unparse, targets) if re.fullmatch(r"(self\.)?\w+", name))
        case ast.AnnAssign(target, _, ast.expr() as value) if _changes(value):
            yield ast.unparse(target)


def _changes(value: ast.expr) -> bool:
    match value:
        case ast.Dict(keys=[]) | ast.List(elts=[]):
            return True
        case ast.Call():
            return _name(value) in _CONTAINERS
        case _:
            return False


def _name(node: ast.expr) -> str:
    """Of what is called or decorates: the last part of it."""
    match node:
        case ast.Call(func):
            return _name(func)
        case ast.Attribute(attr=name) | ast.Name(name):
            return name
        case ast.Subscript(value):
            return _name(value)
        case _:
            return ""


def found() -> Iterator[str]:
    """`module.py:name` for everything that `shared` finds in the product."""
    for path in sorted(ROOT.rglob("*.py")):
        for name in sorted(set(shared(path.read_text(encoding="utf-8")))):
            yield f"{path.relative_to(ROOT)}:{name}"


def fingerprint() -> dict[str, str]:
    """What every name of the product's loaded modules holds, down to the last member, functions aside."""
    loaded = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "hallpass"}
    return {f"{name}.{key}": said for name, module in loaded.items() for key, said in told(module)}


def told(module: ModuleType) -> Iterator[tuple[str, str]]:
    for key, value in vars(module).items():
        if not key.startswith("__") and not isinstance(value, ModuleType | FunctionType):
            yield key, "\n".join(_members(key, value, set()))


def _members(place: str, value: object, seen: set[int]) -> Iterator[str]:
    yield f"{place}: {type(value).__name__} {value!r}"
    if id(value) in seen:
        return
    seen.add(id(value))
    for name, member in _inside(value):
        yield from _members(f"{place}.{name}", member, seen)


def _inside(value: object) -> Iterator[tuple[str, object]]:
    """The members of a container, and the attributes of an object or a class of the product."""
    if isinstance(value, Mapping):
        yield from ((str(name), member) for name, member in value.items())
    elif isinstance(value, list | tuple | set | frozenset):
        yield from ((str(number), member) for number, member in enumerate(value))
    elif (value if isinstance(value, type) else type(value)).__module__.startswith("hallpass."):
        for name in (*getattr(value, "__slots__", ()), *getattr(value, "__dict__", ())):
            member = getattr(value, name, None)
            if not name.startswith("__") and not callable(member):
                yield name, member
