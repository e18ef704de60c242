"""What is installed: `wdmath`, and the generator with the lecture inside `wdlecture`, where no name can collide.

Every folder with files in it goes along; pyproject.toml has the rest.
"""

from pathlib import Path

from setuptools import setup

INSTALLED = Path("scenes/installed")


def packages_in(root: str) -> list[str]:
    """A package and all folders inside it, as packages."""
    folders = {path.parent for path in Path(root).rglob("*") if path.is_file()}
    return sorted(
        ".".join(folder.parts)
        for folder in folders
        if "__pycache__" not in folder.parts and folder != INSTALLED
    )


setup(
    packages=[
        *packages_in("wdmath"),
        "wdlecture",
        *(f"wdlecture.{package}" for root in ("lecture", "scenes") for package in packages_in(root)),
    ],
    package_dir={"wdlecture": str(INSTALLED), "wdlecture.lecture": "lecture", "wdlecture.scenes": "scenes"},
    package_data={"": ["*.*"]},
    exclude_package_data={"": ["*.pyc"]},
)
