"""The set-up's decisions and messages, without installing anything."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lecture import install as setup

VERSION = sys.version_info[:2]


def need(name: str) -> setup.Need:
    return next(need for need in setup.system_needs((3, 12)) if name in need.name)


def made_environment(folder: Path) -> Path:
    """An environment as `python -m venv` leaves it, without the packages."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    version = "{}.{}.1".format(*VERSION)
    (folder / "pyvenv.cfg").write_text(f"version = {version}\ncommand = {sys.executable} -m venv {folder}\n")
    return folder


def test_every_need_has_packages_for_every_manager():
    for entry in setup.system_needs():
        assert set(entry.packages) == set(setup.INSTALL_COMMANDS) == set(setup.SYSTEMS)
        assert all(entry.packages.values())


def test_packages_are_named_once():
    assert setup.packages_for(setup.system_needs((3, 13)), "pacman").count("python") == 1


def test_debian_packages_carry_the_python_version():
    packages = setup.packages_for(setup.system_needs((3, 13)), "apt")
    assert {"python3.13-dev", "python3.13-venv", "libcairo2-dev", "libpango1.0-dev"} <= set(packages)


def test_command_is_one_line_to_type():
    needs = [need("cairo"), need("headers")]
    for manager in setup.INSTALL_COMMANDS:
        assert "\n" not in setup.command_to_type(needs, manager)


def test_command_without_sudo_asks_for_the_root_password():
    command = setup.command_to_type([need("cairo")], "apt", has_sudo=False)
    assert command.startswith("su -c '")
    assert command.endswith("libcairo2-dev'")


def test_brew_never_runs_as_root():
    assert setup.command_to_type([need("pango")], "brew", has_sudo=False) == "brew install pango"


def test_advice_names_what_is_missing_and_all_managers():
    text = setup.advice([need("cairo"), need("pkg-config")], "dnf")
    assert "Missing on this system: pkg-config" not in text
    assert "cairo with its headers, pkg-config" in text
    assert re.search(r"^    sudo dnf install cairo-devel pkgconf-pkg-config$", text, re.M)
    for manager in ("apt-get install", "pacman -S", "brew install"):
        assert text.count(manager) == 1


def test_advice_without_a_known_manager_lists_all():
    text = setup.advice([need("pango")], None)
    assert all(command.split()[0] in text for command in setup.INSTALL_COMMANDS.values())


def test_ordinary_user_without_sudo_is_told_and_nothing_is_installed(monkeypatch):
    missing = setup.Need("cairo", lambda: False, need("cairo").packages)
    monkeypatch.setattr(setup, "system_needs", lambda: [missing])
    monkeypatch.setattr(setup, "find_manager", lambda: "apt")
    monkeypatch.setattr(setup, "way_to_root", lambda: None)
    monkeypatch.setattr(setup, "install_with_apt", lambda *_: pytest.fail("installed without being root"))
    with pytest.raises(setup.SetupError, match="libcairo2-dev"):
        setup.provide_system_needs(setup.system_needs())


def test_root_installs_only_what_is_missing(monkeypatch):
    present: list[str] = []
    missing = setup.Need("cairo", lambda: "libcairo2-dev" in present, need("cairo").packages)
    there = setup.Need("pango", lambda: True, need("pango").packages)
    monkeypatch.setattr(setup, "system_needs", lambda: [missing, there])
    monkeypatch.setattr(setup, "find_manager", lambda: "apt")
    monkeypatch.setattr(setup, "way_to_root", lambda: [])
    monkeypatch.setattr(setup, "install_with_apt", lambda packages, root: present.extend(packages))
    setup.provide_system_needs(setup.system_needs())
    assert present == ["libcairo2-dev"]


def test_need_still_missing_after_installing_is_an_error(monkeypatch):
    missing = setup.Need("Python's headers", lambda: False, need("Python's headers").packages)
    monkeypatch.setattr(setup, "system_needs", lambda: [missing])
    monkeypatch.setattr(setup, "find_manager", lambda: "apt")
    monkeypatch.setattr(setup, "way_to_root", lambda: [])
    monkeypatch.setattr(setup, "install_with_apt", lambda *_: None)
    with pytest.raises(setup.SetupError, match="PYTHON=/usr/bin/python3"):
        setup.provide_system_needs(setup.system_needs())


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_supported_python_is_kept(version):
    assert setup.python_to_use(version, "/usr/bin/python3", lambda: ["/opt/python3.13"]) == "/usr/bin/python3"


@pytest.mark.parametrize("version", [(3, 9), (3, 15)])
def test_supported_python_is_preferred_to_another(version):
    assert setup.python_to_use(version, "/usr/bin/python3", lambda: ["/opt/python3.12"]) == "/opt/python3.12"


def test_newer_python_is_tried_when_it_is_all_there_is():
    assert setup.python_to_use((3, 15), "/usr/bin/python3", list) == "/usr/bin/python3"


def test_too_old_python_is_one_sentence():
    with pytest.raises(
        setup.SetupError, match=r"Python 3\.11 or newer is needed; /usr/bin/python3 is 3\.9\."
    ):
        setup.python_to_use((3, 9), "/usr/bin/python3", list)


def test_old_python_can_read_the_script_far_enough_to_say_so():
    ast.parse(Path(setup.__file__).read_text(), feature_version=(3, 7))


def test_no_network_disk_full_and_other_failures_are_told_apart():
    assert "no network" in setup.explain_failure("pip", "Max retries exceeded with url: /simple/av/")
    assert "no network" in setup.explain_failure("apt-get update", "W: Temporary failure resolving 'deb'")
    assert "PIP_CERT=" in setup.explain_failure("pip", "Max retries exceeded: CERTIFICATE_VERIFY_FAILED")
    assert "disk full" in setup.explain_failure("pip", "OSError: [Errno 28] No space left on device")
    other = setup.explain_failure("pip", "\n".join(f"line {i}" for i in range(40)) + "\nno matching version")
    assert other.startswith("pip failed:")
    assert "no matching version" in other
    assert "line 3\n" not in other


def test_environment_is_healthy_only_complete_and_in_its_place(tmp_path):
    venv = made_environment(tmp_path / "a b" / ".venv")
    assert setup.is_healthy(venv)
    (venv / setup.UNFINISHED).touch()
    assert not setup.is_healthy(venv), "an interrupted set-up must be made anew"
    (venv / setup.UNFINISHED).unlink()
    moved = venv.rename(tmp_path / ".venv")
    assert not setup.is_healthy(moved), "its scripts name the old place"


def test_environment_of_another_python_is_not_healthy(tmp_path):
    venv = made_environment(tmp_path / ".venv")
    settings = (venv / "pyvenv.cfg").read_text()
    (venv / "pyvenv.cfg").write_text(settings.replace("{}.{}.1".format(*VERSION), "3.1.1"))
    assert not setup.is_healthy(venv)


def test_environment_whose_python_is_gone_is_not_healthy(tmp_path):
    venv = made_environment(tmp_path / ".venv")
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to(tmp_path / "gone")
    assert not setup.is_healthy(venv)


def test_group_is_installed_until_its_pins_change(tmp_path, monkeypatch):
    venv = made_environment(tmp_path / ".venv")
    pins = tmp_path / "pins.txt"
    pins.write_text("numpy==2.4.6\n")
    monkeypatch.setattr(setup, "pins_of", lambda group: pins)
    assert not setup.is_installed(venv, "render")
    setup.stamp_of(venv, "render").write_text(setup.fingerprint(venv, pins))
    assert setup.is_installed(venv, "render")
    pins.write_text("numpy==2.4.7\n")
    assert not setup.is_installed(venv, "render")


def test_folder_with_other_things_is_never_emptied(tmp_path):
    (tmp_path / "thesis.tex").write_text("ten years of work")
    with pytest.raises(setup.SetupError, match="other things in it"):
        setup.make_environment(tmp_path)
    assert (tmp_path / "thesis.tex").exists()


def test_environment_behind_a_link_is_never_emptied(tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    (there / "pyvenv.cfg").write_text("home = /usr/bin\n")
    here = tmp_path / "here"
    here.symlink_to(there)
    with pytest.raises(setup.SetupError, match="is a link to"):
        setup.make_environment(here)
    assert (there / "pyvenv.cfg").exists()


def test_environment_that_cannot_be_made_is_one_sentence(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setattr(setup, "provide_system_needs", lambda needs: None)
    assert setup.main(["--venv", str(tmp_path / "file" / ".venv")]) == 1
    said = capsys.readouterr().err
    assert said.endswith(".venv: cannot be written (Not a directory); choose another folder with VENV=...\n")
    assert said.count("\n") == 1


def test_dry_run_changes_nothing(tmp_path, capsys):
    setup.set_up(tmp_path / ".venv", ["render"], dry_run=True)
    assert "Would set up .venv" in capsys.readouterr().out
    assert not (tmp_path / ".venv").exists()


def test_pins_are_versions_without_addresses():
    for path in (setup.ROOT / "requirements").glob("*.txt"):
        for line in path.read_text().splitlines():
            pin = line.split("#")[0].split(";")[0].strip()
            assert not pin or re.fullmatch(r"[A-Za-z0-9_.-]+(\[\w+\])?==[0-9][\w.]*", pin), (
                f"{path.name}: {line}"
            )


def test_make_help_names_every_target():
    makefile = (setup.ROOT / "Makefile").read_text()
    listed = subprocess.run(
        ["make", "help"], cwd=setup.ROOT, capture_output=True, text=True, check=True
    ).stdout
    targets = re.findall(r"^([a-z][a-z -]*):.*## ", makefile, re.M)
    assert len(targets) > 10
    for names in targets:
        assert all(f" {name}" in listed for name in names.split()), names


def test_programs_of_the_long_tests_are_installed_or_named(monkeypatch: pytest.MonkeyPatch) -> None:
    has = {
        "firefox",
        "firefox-esr",
        "WebKitWebDriver",
        "Xvfb",
        "soffice",
        "node",
        "npm",
        "jekyll",
        "pdflatex",
        "chromium",
        "pdftoppm",
        "pdftotext",
        "pdfimages",
    }
    monkeypatch.setattr(setup.shutil, "which", lambda name: name if name in has else None)
    missing = [need for need in setup.programs_of_tests() if not need.is_met()]
    assert [need.name for need in missing] == ["Chromium with its driver"]
    assert setup.packages_for(missing, "apt") == ["chromium", "chromium-driver"]
    for manager in setup.INSTALL_COMMANDS:
        assert setup.packages_for(setup.programs_of_tests(), manager)


def test_the_command_line_is_read_without_packages() -> None:
    """`make` asks it for its targets before anything is set up."""
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            "import sys; sys.path.insert(0, sys.argv[1]); import lecture.cli",
            setup.ROOT,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
