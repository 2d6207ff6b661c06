import json

import numpy as np
import pytest
from support.results.sweeping import content

from zeroskip import load_arch, simulate, sweep


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """What commands read: layers, results, a timeline, a store."""
    folder, rng = tmp_path_factory.mktemp("files"), np.random.default_rng(0)
    one, other = (rng.standard_normal(shape).astype(np.float32) for shape in ((30, 20), (10, 30)))
    np.savez(folder / "one.npz", weight=one, activation=np.ones(20, np.float32))
    np.savez(folder / "net.npz", **{"fc1.weight": one, "fc2.weight": other})
    result = simulate(load_arch("eie", pes=2), one, np.ones(20))
    (folder / "result.json").write_text(json.dumps(result.to_dict()))
    image = simulate("scnn", {"weight": np.ones((4, 2, 3, 3)), "activation": np.ones((2, 6, 6))})
    (folder / "image.json").write_text(json.dumps(image.to_dict()))
    sweep("eie", folder / "one.npz", {"pes": [1, 2, 4]}, store=folder / "store.db")
    assert len(content(folder / "store.db")) == 3
    return folder
