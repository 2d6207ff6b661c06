"""Where things are, and how many examples a property takes."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALEX8 = ROOT.parent / "shared" / "data" / "alex8.npz"
EXAMPLES = int(os.environ.get("ZEROSKIP_EXAMPLES", "100"))
"""Of each property; the slow modes ask for fewer."""
