"""A sweep on a Dask cluster."""

import pytest

import zeroskip as zs

pytest.importorskip("distributed")


def test_a_cluster_gives_the_figures_of_this_process(tmp_path):
    from support.results.dask_processes import scheduler, worker

    space, fixed = {"pes": [4, 8]}, {"scale": 0.05}
    with scheduler(tmp_path / "scheduler.json") as (_, address), worker(address, tmp_path / "worker"):
        done = zs.sweep("eie", "alexnet-fc8", space, fixed=fixed, store=tmp_path / "own.db", cluster=address)
    assert (done.points, done.failed) == (2, 0)
    here = zs.sweep("eie", "alexnet-fc8", space, fixed=fixed).to_frame()["cycles"]
    assert zs.open_store(tmp_path / "own.db").to_frame()["cycles"].to_list() == here.to_list()
