"""Everything that draws a narrative, a folder each; `registry` lists them.

Folders that `$TRECS_SYSTEMS` names, parted as in `$PATH`, hold further ones: TOY/card.md in one of
them is the card of the module `trecs.systems.TOY`.
"""

import os

__path__ += [folder for folder in os.environ.get("TRECS_SYSTEMS", "").split(os.pathsep) if folder]
