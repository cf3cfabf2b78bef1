"""`python -m trecs` is the command `trecs`."""

import sys

from trecs.cli import main

sys.exit(main())
