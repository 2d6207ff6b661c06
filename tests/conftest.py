from pathlib import Path

import pytest
from hypothesis import settings
from support.paths import ALEX8, EXAMPLES

settings.register_profile("repeatable", deadline=None, derandomize=True, print_blob=True, max_examples=EXAMPLES)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def alex8() -> Path:
    """The real pruned AlexNet FC8 with its real input, where it is at hand."""
    if not ALEX8.exists():
        pytest.skip(f"the real AlexNet FC8 is not at {ALEX8}")
    return ALEX8
