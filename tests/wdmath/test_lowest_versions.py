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
#: What the tests need beside wdmath; peers that are not there are left out.
TOOLS = ("pytest", "pytest-xdist", "hypothesis", "mpmath", "pandas", "scikit-learn", "threadpoolctl")


def lowest(requirement):
    """The requirement with its lowest version, of which a missing last number is 0."""
    name, version = re.fullmatch(r"([a-z]+)>=([\d.]+)", requirement).groups()
    return f"{name}=={version}.0" if version.count(".") == 1 else f"{name}=={version}"


def test_lowest():
    assert lowest("numpy>=1.26") == "numpy==1.26.0"
    assert lowest("scipy>=1.11.3") == "scipy==1.11.3"
    with pytest.raises(AttributeError):
        lowest("numpy")


@pytest.mark.long
@pytest.mark.skipif(sys.version_info >= (3, 13), reason="these versions are not built for this Python")
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
