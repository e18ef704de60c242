"""What a scene is made of: the parts of the lecture's sources that it can reach, found without importing them.

A *part* is a top-level statement of a module: a function, a class, a constant. A scene depends on its own class, on
every part whose name is used there, on what those use in turn, down to the module of a library that defines an
imported name, and on files of the packages that are named in a string. Comments, docstrings, annotations and the
words of steps (`say`, `shows`, `covers`) do not change a picture and do not count.

Three things that no syntax tree shows are covered by rules:

- a package that is handled as a whole (``getattr(package, name)``) counts with those of its names that stand in a
  string somewhere in the scene's parts, which is how numbers on screen name what they are computed by;
- a package whose names are looked up on first use (a module-level ``__getattr__``) is read by its ``TYPE_CHECKING``
  imports;
- what the builder itself hands to every scene (`Settings`) and how a `Problem` or a `Theme` is made (their class
  methods) do not count: the values do, field by field, as they are read (:mod:`lecture.frames.render`).
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeGuard

from .freshness import files_digest

__all__ = ["SceneSources", "Sources"]

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


class Part(NamedTuple):
    """A top-level statement, named by what it binds; a class method that counts on its own as ``Class.method``."""

    module: str
    name: str


class SceneSources(NamedTuple):
    """Digests of what a scene's pictures and words depend on.

    Attributes
    ----------
    steps : dict
        For each step that the class itself defines, in order: everything up to and including it.
    rest : str
        Everything but the class's own steps.
    parts : dict
        Digest of every part by its name, to tell what changed.
    files : list of str
        The scene's module, all that its imports reach, and files of data that are named there.
    texts : str
        Digest of those files' contents: of the words too, and of everything else that is cheap to make again.
    """

    steps: dict[str, str]
    rest: str
    parts: dict[str, str]
    files: list[str]
    texts: str


class Sources:
    """The sources of a lecture, read once.

    Parameters
    ----------
    roots : dict
        Top-level packages and modules that count, and the folder that each is in; everything else is counted by its
        version.
    problem : (str, str), optional
        Module and name of the problem's class.
    """

    def __init__(self, roots: Mapping[str, Path], problem: tuple[str, str] = ("", "")):
        self.roots, self.problem = roots, problem
        self._modules: dict[str, _Module | None] = {}

    def scene(self, module: str, name: str) -> SceneSources:
        """Digests for the scene class `name` in `module`.

        Raises
        ------
        LookupError
            If there is no such class.
        """
        source = self.module(module)
        if source is None or not {name, "__getattr__"} & set(source.bindings):
            raise LookupError(f"there is no class {name} in {module}")
        # A class that is made on first use depends on all of its module.
        class_ = next((s for s in source.bindings.get(name, ()) if isinstance(s, ast.ClassDef)), None)
        own_steps = [m for m in class_.body if _is_step(m)] if class_ else []
        begin = [_without(class_, own_steps)] if class_ else source.bindings.get(name, source.everything)
        reached = _Reached(self, source)
        for node in begin:
            reached.include(source, node)
        parts = {f"{module}.{name}": _digest(map(ast.dump, begin))}
        rest = _digest([*parts.values(), reached.digest()])
        digests = {}
        for step in own_steps:
            reached.include(source, step)
            parts[f"{module}.{name}.{step.name}"] = _digest([ast.dump(step)])
            digests[step.name] = _digest([*parts.values(), reached.digest()])
        parts |= {f"{part.module}.{part.name}": digest for part, digest in reached.parts.items()}
        imported = self._imported(source)
        files = sorted(
            {m.path.relative_to(m.root).as_posix() for m in imported} | self._data_named_in(imported)
        )
        return SceneSources(digests, rest, parts, files, files_digest(self.roots, files))

    def _imported(self, source: _Module) -> list[_Module]:
        """A module and all those that its imports reach."""
        found, queue = {source.name: source}, [source]
        while queue:
            for target in queue.pop().imports.values():
                for name in (target.module, f"{target.module}.{target.name}"):
                    module = self.module(name)
                    if module is not None and module.name not in found:
                        found[module.name] = module
                        queue.append(module)
        return list(found.values())

    def _data_named_in(self, modules: Iterable[_Module]) -> set[str]:
        """Files of the packages that are named in a string of one of the modules."""
        found = set()
        for module in modules:
            for node in module.everything:
                for used in module.uses(node):
                    for path in self.files.get(used, ()) if isinstance(used, str) else ():
                        root = next(r for p, r in self.roots.items() if path.is_relative_to(r / p))
                        found.add(path.relative_to(root).as_posix())
        return found

    def resolve(self, module_name: str, name: str) -> list[tuple[_Module, list[ast.stmt]]]:
        """Where a name of a module is defined: itself, or wherever it was imported from."""
        seen: set[tuple[str, str]] = set()
        while (module_name, name) not in seen:
            seen.add((module_name, name))
            module = self.module(module_name)
            if module is None:
                return []
            if name in module.bindings:
                return [(module, module.bindings[name])]
            target = module.imports.get(name)
            if target is None:
                break
            if target.name is None:
                return []
            submodule = self.module(f"{target.module}.{target.name}")
            if submodule is not None:
                return [(submodule, submodule.everything)]
            module_name, name = target.module, target.name
        module = self.module(module_name)
        if module is None:
            return []
        submodule = self.module(f"{module_name}.{name}")
        # A name that nothing binds is made by running code: then all of that code counts.
        return [(submodule, submodule.everything)] if submodule else [(module, module.everything)]

    def public_names(self, package: str) -> set[str]:
        module = self.module(package)
        return {name for name in {*module.bindings, *module.imports} if name[0] != "_"} if module else set()

    def module(self, name: str) -> _Module | None:
        if name not in self._modules:
            self._modules[name] = None
            root = self.roots.get(name.split(".")[0])
            if root is not None:
                base = root.joinpath(*name.split("."))
                for path in (base / "__init__.py", base.with_suffix(".py")):
                    if path.is_file():
                        self._modules[name] = _Module(name, path, root)
                        break
        return self._modules[name]

    @cached_property
    def files(self) -> dict[str, list[Path]]:
        """Files of the packages that are not code, by name."""
        files: dict[str, list[Path]] = {}
        for package, root in self.roots.items():
            for path in sorted((root / package).rglob("*")):
                if path.is_file() and path.suffix not in (".py", ".pyc"):
                    files.setdefault(path.name, []).append(path)
        return files


class _Reached:
    """The parts that a growing set of statements can reach."""

    def __init__(self, sources: Sources, begin: _Module):
        self.sources = sources
        self.parts: dict[Part, str] = {}
        self._queue: list[tuple[_Module, ast.AST]] = []
        self._words: set[str] = set()
        self._whole: set[str] = set()
        self._entered: set[str] = set()
        self._enter(begin)

    def digest(self) -> str:
        return _digest(sorted(f"{part.module} {part.name} {digest}" for part, digest in self.parts.items()))

    def include(self, module: _Module, node: ast.AST) -> None:
        """Follow what a statement uses, and what that uses, until there is nothing new."""
        self._queue.append((module, node))
        while self._queue:
            self._follow(*self._queue.pop())
            if not self._queue:
                for package in sorted(self._whole):
                    for name in sorted(self._words & self.sources.public_names(package)):
                        self._reach(package, name)

    def _follow(self, module: _Module, node: ast.AST) -> None:
        for used in module.uses(node):
            if isinstance(used, str):
                self._words.update(_IDENTIFIER.findall(used))
                for path in self.sources.files.get(used, ()):
                    self.parts[Part("file", used)] = hashlib.blake2b(path.read_bytes()).hexdigest()
            elif used[0] in module.bindings:
                self._reach(module.name, *used)
            elif used[0] in module.imports:
                target = module.imports[used[0]]
                if target.name is None:
                    self._reach_module(target.module, list(used[1:]))
                elif self.sources.module(f"{target.module}.{target.name}") is not None:
                    self._reach_module(f"{target.module}.{target.name}", list(used[1:]))
                else:
                    self._reach(target.module, target.name, *used[1:])

    def _reach_module(self, name: str, attributes: list[str]) -> None:
        while attributes and self.sources.module(f"{name}.{attributes[0]}") is not None:
            name = f"{name}.{attributes.pop(0)}"
        if attributes and not attributes[0].startswith("__"):
            self._reach(name, *attributes)
        elif self.sources.module(name) is not None:
            self._whole.add(name)

    def _reach(self, module_name: str, name: str, *attributes: str) -> None:
        for module, statements in self.sources.resolve(module_name, name):
            self._enter(module)
            if name == "LECTURE":
                continue
            for k, node in enumerate(statements):
                made_outside = (module.name, name) == self.sources.problem and isinstance(node, ast.ClassDef)
                makers: list[ast.FunctionDef] = []
                if made_outside and isinstance(node, ast.ClassDef):
                    makers = [m for m in node.body if _is_class_method(m)]
                    node = _without(node, makers) if makers else node
                self._add(Part(module.name, _numbered(name, k)), module, node)
                for maker in makers:
                    # A scene that makes a problem by itself depends on how that is done.
                    if attributes and maker.name == attributes[0]:
                        self._add(Part(module.name, f"{name}.{maker.name}"), module, maker)

    def _enter(self, module: _Module) -> None:
        """A module's statements that bind nothing run when it is imported."""
        if module.name not in self._entered:
            self._entered.add(module.name)
            for k, node in enumerate(module.effects):
                self._add(Part(module.name, _numbered("statement", k)), module, node)

    def _add(self, part: Part, module: _Module, node: ast.AST) -> None:
        if part not in self.parts:
            self.parts[part] = _digest([ast.dump(node)])
            self._queue.append((module, node))


def _numbered(name: str, k: int) -> str:
    return name if k == 0 else f"{name} ({k + 1})"


class _Target(NamedTuple):
    """What an imported name stands for: a module, or a name in one."""

    module: str
    name: str | None


class _Module:
    """A module's top-level statements, by the names that they bind."""

    def __init__(self, name: str, path: Path, root: Path):
        self.name, self.path, self.root = name, path, root
        self.text = path.read_text(encoding="utf-8")
        self.bindings: dict[str, list[ast.stmt]] = {}
        self.imports: dict[str, _Target] = {}
        self.effects: list[ast.stmt] = []
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        self._uses: dict[int, tuple[ast.AST, list[tuple[str, ...] | str]]] = {}
        self._read(_Strip().visit(ast.parse(self.text, filename=str(path))).body, package)

    @property
    def everything(self) -> list[ast.stmt]:
        """All statements that bind names."""
        return [node for nodes in self.bindings.values() for node in nodes]

    def uses(self, node: ast.AST) -> list[tuple[str, ...] | str]:
        """Names, with the attributes taken from them, and strings that stand in a statement."""
        if id(node) not in self._uses:
            self._uses[id(node)] = (node, list(_uses(node)))  # the node is kept, or its id could be reused
        return self._uses[id(node)][1]

    def _read(self, body: list[ast.stmt], package: str) -> None:
        for node in body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.asname or alias.name.split(".")[0]
                    self.imports[name] = _Target(alias.name if alias.asname else name, None)
            elif isinstance(node, ast.ImportFrom):
                parents = package.split(".")
                base = ".".join(parents[: len(parents) - node.level + 1]) if node.level else ""
                source = ".".join(filter(None, (base, node.module)))
                for alias in node.names:
                    self.imports[alias.asname or alias.name] = _Target(source, alias.name)
            elif isinstance(node, ast.If) and _names(node.test) & {"TYPE_CHECKING"}:
                self._read(node.body, package)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                self.bindings.setdefault(node.name, []).append(node)
            else:
                # Imports inside `try` or `if` bind names as well.
                self._read([n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)], package)
                bound = _bound(node)
                for name in bound:
                    self.bindings.setdefault(name, []).append(node)
                if (
                    not bound
                    and not isinstance(node, ast.Import | ast.ImportFrom)
                    and not _is_docstring(node)
                ):
                    self.effects.append(node)


def _uses(node: ast.AST) -> Iterator[tuple[str, ...] | str]:
    if isinstance(node, ast.Attribute):
        chain, inner = [node.attr], node.value
        while isinstance(inner, ast.Attribute):
            chain.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            yield (inner.id, *reversed(chain))
            return
    elif isinstance(node, ast.Name):
        yield (node.id,)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from _uses(child)


def _names(node: ast.AST) -> set[str]:
    return {
        n.id if isinstance(n, ast.Name) else n.attr
        for n in ast.walk(node)
        if isinstance(n, ast.Name | ast.Attribute)
    }


def _bound(node: ast.AST) -> set[str]:
    """Names that a statement binds, not counting those inside comprehensions."""
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda):
        return set()
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    return set().union(*(_bound(child) for child in ast.iter_child_nodes(node)))


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _is_step(node: ast.AST) -> TypeGuard[ast.FunctionDef]:
    return isinstance(node, ast.FunctionDef) and getattr(node, "is_step", False)


def _is_class_method(node: ast.AST) -> TypeGuard[ast.FunctionDef]:
    return isinstance(node, ast.FunctionDef) and any("classmethod" in _names(d) for d in node.decorator_list)


def _without(class_: ast.ClassDef, members: Sequence[ast.stmt]) -> ast.ClassDef:
    """A class without some of its members."""
    fields = {name: getattr(class_, name) for name in class_._fields}
    return ast.ClassDef(**{**fields, "body": [m for m in class_.body if m not in members]})


class _Strip(ast.NodeTransformer):
    """Takes away what no picture depends on."""

    def _body(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        if node.body and _is_docstring(node.body[0]):  # type: ignore[attr-defined]
            node.body = node.body[1:]  # type: ignore[attr-defined]
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        node.is_step = any(  # type: ignore[attr-defined]
            isinstance(d, ast.Call) and _names(d.func) & {"step"} for d in node.decorator_list
        )
        if node.is_step:  # type: ignore[attr-defined]
            node.decorator_list = []
        return self._body(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._body(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node


def _digest(texts: Iterable[str]) -> str:
    return hashlib.blake2b("\0".join(texts).encode(), digest_size=16).hexdigest()
