"""`python -m scenes`: the lecture's own command."""

import sys

from lecture.cli import main

from . import LECTURE

if __name__ == "__main__":
    sys.exit(main(lecture=LECTURE))
