import os
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from support.markers import MARKED, is_long, markers_of
from support.paths import ALEX8, EXAMPLES

os.environ["ZEROSKIP_KEEP_LAYERS"] = "0"  # each test draws its own
settings.register_profile("repeatable", deadline=None, derandomize=True, print_blob=True, max_examples=EXAMPLES)
settings.load_profile("repeatable")


def pytest_configure(config):
    config.option.loadscopereorder = False  # of pytest-xdist: files begin in their order, not those of most tests first


def pytest_ignore_collect(collection_path, config):
    """With `-m laws` alone, other files than those of the marker are not even imported."""
    wanted = config.option.markexpr
    if wanted in MARKED and collection_path.is_file() and wanted not in markers_of(collection_path):
        return True
    return None


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their markers
def pytest_collection_modifyitems(items):
    for item in items:
        for marker in markers_of(item.path):
            item.add_marker(marker)
    items.sort(key=lambda item: not is_long(item.path))


@pytest.fixture(scope="session")
def alex8() -> Path:
    """The real pruned AlexNet FC8 with its real input, where it is at hand."""
    if not ALEX8.exists():
        pytest.skip(f"the real AlexNet FC8 is not at {ALEX8}")
    return ALEX8


@pytest.fixture(autouse=True)
def same_draws(request):
    """Generators that several files share start anew for each test: its draws do not depend on which ran before."""
    seed = zlib.crc32(request.node.nodeid.encode())
    for name in ("onnx_models", "own_networks", "lstms"):
        module = sys.modules.get(f"support.{name}")
        if module is not None:
            module.RNG.bit_generator.state = np.random.default_rng(seed).bit_generator.state
