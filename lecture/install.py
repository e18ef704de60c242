"""Set up what the lecture needs: the system's libraries, then a virtual environment with pinned packages.

`make` runs this with the system's own Python before anything is installed, so it uses the standard library alone:

    python3 -I lecture/install.py [--venv DIR] [--programs] [--dry-run] [GROUP ...]

A group names a file of pins, requirements/GROUP.txt. What is there already is left alone.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST, NEWEST = (3, 11), (3, 13)

# In the folder of the environment: there from before the first package is touched until the last is complete.
UNFINISHED = ".unfinished"
LOG = "set-up.log"


class SetupError(Exception):
    """The set-up cannot go on; the message says why and what to do."""


# What the system has to bring


@dataclass(frozen=True)
class Need:
    """Something only the system's package manager can provide."""

    name: str
    is_met: Callable[[], bool]
    packages: dict[str, str]


INSTALL_COMMANDS = {
    "apt": "apt-get install -y --no-install-recommends",
    "dnf": "dnf install",
    "pacman": "pacman -S --needed",
    "brew": "brew install",
}
SYSTEMS = {"apt": "Debian, Ubuntu", "dnf": "Fedora", "pacman": "Arch", "brew": "macOS"}


def system_needs(version: tuple[int, int] = sys.version_info[:2]) -> list[Need]:
    """List what must be on the system to make the environment and to compile pycairo and ManimPango."""
    return _needs("render", version)


def programs_of_tests() -> list[Need]:
    """List what the long tests open pages, slides and papers with; the lecture itself needs none of it."""
    return [
        need for need in _needs("tests") if sys.platform == "linux" or not need.name.startswith("WebKitGTK")
    ]


def _needs(group: str, version: tuple[int, int] = sys.version_info[:2]) -> list[Need]:
    import tomllib  # not where Python is too old, which is told before

    words = {
        "{python}": "python{}.{}".format(*version),
        "{brew-python}": "python@{}.{}".format(*version),
        "{pkg-config}": os.environ.get("PKG_CONFIG", "pkg-config"),
        "{firefox}": "firefox-esr" if shutil.which("apt-get") else "firefox",
    }
    text = (ROOT / "requirements" / "system.toml").read_text(encoding="utf-8")
    for word, meaning in words.items():
        text = text.replace(word, meaning)
    rows = tomllib.loads(text)[group]
    return [
        Need(row["name"], functools.partial(_is_met, row["check"]), {m: row[m] for m in INSTALL_COMMANDS})
        for row in rows
    ]


def _is_met(check: str) -> bool:
    kind, *names = check.split()
    if kind == "program":
        return all(map(shutil.which, names))
    if kind == "library":
        return _succeeds([os.environ.get("PKG_CONFIG", "pkg-config"), "--exists", *names])
    if kind == "module":
        return all(map(importlib.util.find_spec, names))
    if kind == "python-headers":
        return Path(sysconfig.get_path("include"), "Python.h").exists()
    return _compiler_works()


def _compiler_works() -> bool:
    # The name that Python's build tools will call: Debian's Python wants x86_64-linux-gnu-gcc, whatever cc is.
    command = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    source = "#include <stdio.h>\n"
    return _succeeds([*command, "-E", "-x", "c", "-"], source)


def _succeeds(command: Sequence[str], stdin: str = "") -> bool:
    try:
        return subprocess.run(command, input=stdin, text=True, capture_output=True).returncode == 0
    except OSError:
        return False


def packages_for(needs: Sequence[Need], manager: str) -> list[str]:
    """Names of the packages that meet the needs, each once, in order.

    Examples
    --------
    >>> packages_for(system_needs((3, 13))[-2:], "apt")
    ['python3.13-dev', 'python3.13-venv']
    """
    names = (name for need in needs for name in need.packages[manager].split())
    return list(dict.fromkeys(names))


def command_to_type(needs: Sequence[Need], manager: str, *, has_sudo: bool = True) -> str:
    """Write the one line a user types to install what is missing.

    Examples
    --------
    >>> command_to_type(system_needs((3, 13))[-1:], "dnf")
    'sudo dnf install python3.13'
    """
    install = " ".join([INSTALL_COMMANDS[manager], *packages_for(needs, manager)])
    if manager == "brew":  # refuses to run as root
        return install
    if manager == "apt":  # a fresh system has no list of packages yet
        update = "apt-get update"
        return f"sudo {update} && sudo {install}" if has_sudo else f"su -c '{update} && {install}'"
    return f"sudo {install}" if has_sudo else f"su -c '{install}'"


def advice(needs: Sequence[Need], manager: str | None, *, has_sudo: bool = True) -> str:
    """Say what is missing and what to type, first for the package manager found here, then for the others."""
    lines = ["Missing on this system: " + ", ".join(need.name for need in needs) + "."]
    if manager:
        lines += [
            "Type this, then make again:",
            "",
            "    " + command_to_type(needs, manager, has_sudo=has_sudo),
            "",
        ]
    lines += ["On other systems:" if manager else "Type the line for this system, then make again:", ""]
    width = max(map(len, SYSTEMS.values()))
    for other, system in SYSTEMS.items():
        if other != manager:
            lines.append(f"    {system:<{width}}  {command_to_type(needs, other)}")
    return "\n".join(lines)


def find_manager() -> str | None:
    """Name the first package manager found on the system."""
    return next((name for name in INSTALL_COMMANDS if shutil.which(INSTALL_COMMANDS[name].split()[0])), None)


def way_to_root() -> list[str] | None:
    """Return what to put before a command that root must run, or None where that would ask for a password."""
    if os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if _succeeds(["sudo", "-n", "true"]) else None


def provide_system_needs(needs: Sequence[Need]) -> None:
    """Install with apt what is missing, where that needs no password; otherwise say what to type."""
    missing = [need for need in needs if not need.is_met()]
    if not missing:
        return
    manager, root = find_manager(), way_to_root()
    if manager != "apt" or root is None:
        raise SetupError(advice(missing, manager, has_sudo=shutil.which("sudo") is not None))
    install_with_apt(packages_for(missing, "apt"), root)
    importlib.invalidate_caches()
    still_missing = [need for need in missing if not need.is_met()]
    if still_missing:
        names = ", ".join(need.name for need in still_missing)
        raise SetupError(
            f"apt has installed its packages, but this is still missing for {sys.executable}: {names}. "
            "If this Python is not Debian's own, choose Debian's: make PYTHON=/usr/bin/python3"
        )


def install_with_apt(packages: Sequence[str], root: Sequence[str]) -> None:
    """Install Debian packages as root, quietly, and say so."""
    say(f"Installing with apt: {' '.join(packages)} ...")
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    apt += ["-o", "Acquire::Retries=1"]  # without a network, the default keeps the user waiting for minutes
    for command in ([*apt, "update"], [*apt, "install", "--no-install-recommends", *packages]):
        result = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if result.returncode:
            raise SetupError(explain_failure(f"apt-get {command[len(apt)]}", result.stdout))


# The environment


def python_to_use(version: tuple[int, int], executable: str, candidates: Callable[[], Sequence[str]]) -> str:
    """Choose the Python that the environment is made of.

    Parameters
    ----------
    version : tuple of int
        Major and minor version of the Python that runs this.
    executable : str
        Its path.
    candidates : callable
        Finds other Pythons of the supported versions on the system, best first.

    Raises
    ------
    SetupError
        If all there is is too old.
    """
    if OLDEST <= version <= NEWEST:
        return executable
    found = candidates()
    if found:
        return found[0]
    if version > NEWEST:  # not tried, but likely to work
        return executable
    raise SetupError(
        "Python {}.{} or newer is needed; {} is {}.{}. ".format(*OLDEST, executable, *version)
        + "Install a newer one and name it: make PYTHON=python3.12"
    )


def other_pythons() -> list[str]:
    """Find Pythons of the supported versions on the PATH, newest first, that really run."""
    names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    paths = [shutil.which(name) for name in names]
    return [path for path in paths if path and _succeeds([path, "-c", ""])]


def fingerprint(venv: Path, pins: Path) -> str:
    """Hash everything that decides whether a group of packages has to be installed again."""
    parts = [str(venv), str(ROOT), "{}.{}".format(*sys.version_info[:2]), pins.read_text()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def stamp_of(venv: Path, group: str) -> Path:
    """File in the environment that holds the fingerprint of an installed group."""
    return venv / f".installed-{group}"


def pins_of(group: str) -> Path:
    """File with the pinned packages of a group."""
    return ROOT / "requirements" / f"{group}.txt"


def is_installed(venv: Path, group: str) -> bool:
    """Whether the group is in the environment, complete and as its pins say now."""
    try:
        stamp = stamp_of(venv, group).read_text()
    except OSError:
        return False
    return is_healthy(venv) and stamp == fingerprint(venv, pins_of(group))


def is_healthy(venv: Path) -> bool:
    """Whether the environment is complete, made for this place and by this version of Python."""
    if (venv / UNFINISHED).exists() or not os.access(venv / "bin" / "python", os.X_OK):
        return False
    try:
        lines = (venv / "pyvenv.cfg").read_text().splitlines()
    except OSError:
        return False
    settings = dict(line.split(" = ", 1) for line in lines if " = " in line)
    # The scripts in bin/ name the environment's place in their first line: a folder that moved needs a new one.
    here = settings.get("command", "").endswith(f" {venv}")
    return here and settings.get("version", "").startswith("{}.{}.".format(*sys.version_info[:2]))


def make_environment(venv: Path) -> None:
    """Make an empty environment, in place of a damaged one."""
    if any(venv.iterdir()) and not ((venv / "pyvenv.cfg").exists() or (venv / UNFINISHED).exists()):
        raise SetupError(f"{venv} is a folder with other things in it; name another: make VENV=...")
    if venv.is_symlink():  # another checkout may live on what is behind it
        raise SetupError(
            f"{venv} is a link to {venv.resolve()}, made elsewhere; remove it, or name another: make VENV=..."
        )
    (venv / UNFINISHED).touch()
    for entry in venv.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != UNFINISHED:
            entry.unlink()
    result = subprocess.run([sys.executable, "-m", "venv", str(venv)], capture_output=True, text=True)
    if result.returncode:
        raise SetupError(explain_failure("python -m venv", result.stdout + result.stderr))


def install_groups(venv: Path, groups: Sequence[str]) -> None:
    """Install the pinned packages of the groups and put the project itself on the environment's path."""
    python = str(venv / "bin" / "python")
    tools = str(pins_of("build"))
    pip = [python, "-m", "pip", "install", "--no-input", "--retries", "2"]
    (venv / UNFINISHED).touch()
    run_pip(venv, [*pip, "--constraint", tools, "pip"])
    pins = [argument for group in groups for argument in ("--requirement", str(pins_of(group)))]
    run_pip(venv, [*pip, "--build-constraint", tools, *pins])
    site_packages = next(venv.glob("lib/python*/site-packages"))
    (site_packages / "lecture.pth").write_text(f"{ROOT}\n")
    for group in groups:
        stamp_of(venv, group).write_text(fingerprint(venv, pins_of(group)))
    (venv / UNFINISHED).unlink()


def run_pip(venv: Path, command: Sequence[str]) -> None:
    """Run pip with its output in a log, and show on a terminal what it is at."""
    output = []
    with open(venv / LOG, "a") as log:
        environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0"}
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        ) as pip:
            for line in pip.stdout or ():
                output.append(line)
                log.write(line)
                show_progress(line)
    show_progress("")
    if pip.returncode:
        if not any(line.startswith("Installing collected") for line in output):  # so nothing is half done
            (venv / UNFINISHED).unlink()
        raise SetupError(explain_failure("pip", "".join(output)) + f"\nIts whole output: {venv / LOG}")


def show_progress(line: str) -> None:
    """Show on a terminal which package pip is at, in place of the line before; an empty line clears it."""
    if sys.stdout.isatty() and (not line or re.match(r"\s*(Collecting|Building|Installing)\b", line)):
        print("\r\033[K" + line.strip()[:76], end="", flush=True)


NETWORK_FAILURES = re.compile(
    r"Temporary failure|Could not resolve|Name or service not known|Connection refused|Network is unreachable"
    r"|Max retries exceeded|NewConnectionError|ConnectTimeout|Read timed out|Could not connect|Unable to connect"
)


def explain_failure(tool: str, output: str) -> str:
    """Turn a tool's failure into a sentence that says what to do, or into the end of what it printed.

    Examples
    --------
    >>> print(explain_failure("pip", "NewConnectionError: Temporary failure in name resolution"))
    pip found no network. Connect, then make again: it goes on from here.
    """
    if "No space left on device" in output:
        return f"{tool} found the disk full. Make room (about 1 GB), then make again."
    if "CERTIFICATE_VERIFY_FAILED" in output:
        return (
            f"{tool} does not trust the network's certificate (a company's proxy, perhaps). Name the file that vouches "
            "for it, then make again: make PIP_CERT=/path/to/ca.pem"
        )
    if NETWORK_FAILURES.search(output):
        return f"{tool} found no network. Connect, then make again: it goes on from here."
    tail = [line for line in output.splitlines() if line.strip()][-15:]
    return "\n".join([f"{tool} failed:", *("    " + line for line in tail)])


# The command


def say(text: str) -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


@contextlib.contextmanager
def only_one_at_a_time(venv: Path) -> Iterator[None]:
    """Let a second set-up of the same environment wait for the first."""
    venv.mkdir(parents=True, exist_ok=True)
    folder = os.open(venv, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems cannot lock
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def set_up(venv: Path, groups: Sequence[str], *, dry_run: bool = False) -> None:
    """Bring the groups of packages into the environment, unless they are there."""
    if all(is_installed(venv, group) for group in groups):
        return
    task = f"{venv.name} with the packages of {', '.join(f'requirements/{group}.txt' for group in groups)}"
    if dry_run:
        missing = [need.name for need in system_needs() if not need.is_met()]
        say(f"Would set up {task}" + (f"; missing on this system: {', '.join(missing)}" if missing else ""))
        return
    provide_system_needs(system_needs())
    with only_one_at_a_time(venv):
        if all(is_installed(venv, group) for group in groups):  # the one waited for has done it
            return
        start = time.monotonic()
        say(f"Setting up {task}; this takes a minute or two, once ...")
        if not is_healthy(venv):
            make_environment(venv)
        install_groups(venv, groups)
        say(f"Set up in {time.monotonic() - start:.0f} s.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Set up; return the exit status."""
    parser = argparse.ArgumentParser(prog="install.py", description="Set up what the lecture needs.")
    parser.add_argument("groups", nargs="*", metavar="GROUP", default=["render"])
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", metavar="DIR")
    parser.add_argument(
        "--programs", action="store_true", help="also the programs that the long tests open the formats with"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be done")
    options = parser.parse_args(arguments)
    try:
        python = python_to_use(sys.version_info[:2], sys.executable, other_pythons)
        if python != sys.executable:
            os.execv(python, [python, "-I", *sys.argv])
        set_up(Path(os.path.abspath(options.venv)), options.groups, dry_run=options.dry_run)
        if options.programs and not options.dry_run:
            provide_system_needs(programs_of_tests())
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        place, reason = error.filename or options.venv, error.strerror
        print(f"{place}: cannot be written ({reason}); choose another folder with VENV=...", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Make again to set up afresh.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
