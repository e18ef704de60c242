"""`python -m lecture`."""

import sys

from .cli import main

sys.exit(main())
