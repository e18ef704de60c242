"""The tests of this folder with the lowest numpy and scipy that pyproject.toml declares, in a virtual environment."""

import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: What the tests need beside wdmath.
TOOLS = (
    "pytest",
    "pytest-xdist",
    "hypothesis",
    "mpmath",
    "pandas",
    "scikit-learn",
    "statsmodels",
    "threadpoolctl",
)
#: The first versions that are built for a newer Python, which cannot have lower ones.
FIRST_FOR = {
    (3, 13): {"numpy": "2.1.0", "scipy": "1.14.1"},
    (3, 14): {"numpy": "2.3.2", "scipy": "1.16.1"},
}


def lowest(requirement, python=sys.version_info[:2]):
    """The requirement with its lowest version that there is for this Python; a missing last number is 0."""
    name, version = re.fullmatch(r"([a-z]+)>=([\d.]+)", requirement).groups()
    versions = [version + ".0" * (2 - version.count("."))]
    versions += [first[name] for since, first in FIRST_FOR.items() if since <= python]
    return f"{name}=={max(versions, key=lambda text: [int(part) for part in text.split('.')])}"


def test_lowest():
    assert lowest("numpy>=1.26", (3, 11)) == "numpy==1.26.0"
    assert lowest("scipy>=1.11.3", (3, 12)) == "scipy==1.11.3"
    assert lowest("numpy>=1.26", (3, 13)) == "numpy==2.1.0"
    assert lowest("scipy>=1.15", (3, 13)) == "scipy==1.15.0"
    assert lowest("numpy>=1.26", (3, 15)) == "numpy==2.3.2"
    with pytest.raises(AttributeError):
        lowest("numpy")


@pytest.mark.long
def test_they_pass(tmp_path):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    requirements = [lowest(requirement) for requirement in project["dependencies"]]
    venv.create(tmp_path / "venv", with_pip=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", "--only-binary=:all:", *requirements, *TOOLS]
    subprocess.run(install, check=True)
    listed = subprocess.run([python, "-m", "pip", "freeze"], check=True, capture_output=True, text=True)
    assert set(requirements) <= set(listed.stdout.split())
    # Not the files of configuration and fixtures above this folder, which need the generator's packages.
    options = ["-p", "no:cacheprovider", "--noconftest", "-n", "2", "--dist", "loadgroup", "-m", "not long"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    run = subprocess.run(
        [python, "-m", "pytest", "-q", *options, str(ROOT / "tests" / "wdmath")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
