"""Where things are, and how many examples a property takes."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALEX8 = ROOT.parent / "shared" / "data" / "alex8.npz"
EXAMPLES = int(os.environ.get("ZEROSKIP_EXAMPLES", "30"))
"""Of each property, the same ones in each run; the slow modes ask for fewer, `ZEROSKIP_EXAMPLES=1000` for more."""
