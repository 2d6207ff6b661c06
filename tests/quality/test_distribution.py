"""What is released: files of the source archive, and a wheel that runs and has types with its dependencies only."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
from pathlib import Path

import numpy as np
import onnx
import pytest
from support.paths import ROOT

import zeroskip

FOLDERS = (
    ".ci", ".github", "arch_configs", "benchmarks", "docs", "kernels_ref", "notebooks", "simulator", "tests",
    "workloads",
)  # fmt: skip
RELEASED = ("CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md")
FILES = (*RELEASED, ".gitignore", "mkdocs.yml", "pyproject.toml", "zeroskip.py")
"""All that may be at the top level."""
PACKAGES = ("arch_configs", "kernels_ref", "simulator", "workloads")
EXTRAS = {
    "onnx": ["run", "eie", "net.onnx"],
    "cluster": [
        "sweep",
        "eie",
        "alexnet-fc8",
        "--over",
        "pes=1,2",
        "--store",
        "new.db",
        "--cluster",
        "tcp://127.0.0.1:9",
    ],
    "parquet": ["results", "own.db", "--parquet", "own.parquet"],
}
"""A command that needs each of them."""
USER_SCRIPT = """
import zeroskip
reveal_type(zeroskip.simulate("eie", [[1.0, 0.0]], [1.0, 2.0]).cycles)
zeroskip.simulated("eie")
"""
JOB = """
import zeroskip
result = zeroskip.simulate(zeroskip.load_arch("eie", pes=16), "alexnet-fc8", scale=0.1)
print(zeroskip.__file__, result.cycles > 0, result.output_matches_reference)
"""


def test_the_top_level_is_fixed():
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    tops = {path.partition("/")[0] for path in tracked.splitlines()}
    assert tops <= {*FOLDERS, *FILES}
    assert {*FOLDERS, *FILES} <= {path.name for path in ROOT.iterdir()}


def test_the_lowest_versions_are_the_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    bounds = [one for group in (project["dependencies"], *project["optional-dependencies"].values()) for one in group]
    done = subprocess.run([sys.executable, ROOT / ".ci" / "lowest.py"], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        one.replace(">=", "==").split(",")[0] for one in bounds if not one.startswith("zeroskip[")
    ]


def test_the_stubs_have_the_public_names():
    names = re.findall(r" as (\w+)$", (ROOT / "simulator" / "zeroskip.pyi").read_text(), re.M)
    assert sorted(names) == sorted(zeroskip.__all__)


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The source archive, the wheel that is made of it, and a folder with the wheel installed in an environment."""
    folder = tmp_path_factory.mktemp("made")
    copy = folder / "copy"
    ignored = shutil.ignore_patterns("__pycache__", ".venv", ".*_cache", ".hypothesis", ".benchmarks", "dist", "site")
    copy.mkdir()
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, copy / name)
    for name, tools in (("tools", ["build"]), ("user", [])):
        venv.create(folder / name, with_pip=True)
        for tool in tools:
            run(folder / name / "bin" / "pip", "install", "-q", tool, check=True)
    run(folder / "tools" / "bin" / "python", "-m", "build", "--outdir", folder / "dist", copy, check=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    run(folder / "user" / "bin" / "pip", "install", "-q", wheel, check=True)
    return folder


@pytest.fixture(scope="module")
def typed(made):
    """Types a command of the installed wheel, in a folder of its own."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment["NUMBA_CACHE_DIR"] = str(made / "numba")
    (made / "work").mkdir()

    def type_command(program, *arguments):
        return run(made / "user" / "bin" / program, *arguments, cwd=made / "work", env=environment)

    return type_command


@pytest.mark.slow
def test_the_archives_hold_what_they_should(made):
    (archive,) = (made / "dist").glob("*.tar.gz")
    with tarfile.open(archive) as file:
        paths = [Path(*Path(name).parts[1:]) for name in file.getnames()]
    assert {path.parts[0] for path in paths} == {*FOLDERS, *FILES, "PKG-INFO"}
    for name in FOLDERS:
        kept = {path.relative_to(made / "copy") for path in (made / "copy" / name).rglob("*") if path.is_file()}
        assert kept <= set(paths)
    site = next((made / "user" / "lib").glob("python*/site-packages"))
    assert all((site / name / "py.typed").is_file() for name in PACKAGES)
    assert (site / "zeroskip-stubs" / "__init__.pyi").is_file()
    (metadata,) = site.glob("zeroskip-*.dist-info")
    assert (metadata / "licenses" / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    (wheel,) = (made / "dist").glob("*.whl")
    assert wheel.stat().st_size < 2e6


@pytest.mark.slow
def test_the_main_job_runs_with_base_dependencies_only(typed):
    for arguments in (["run", "eie", "alexnet-fc8", "--scale", "0.1"], ["list"], ["--version"]):
        done = typed("zeroskip", *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.strip()
    place, *words = typed("python", "-c", JOB).stdout.split()
    assert words == ["True", "True"]
    assert "site-packages" in place


@pytest.mark.slow
def test_a_script_of_a_user_sees_the_types(made, tmp_path):
    (tmp_path / "use.py").write_text(USER_SCRIPT)
    mypy = [Path(sys.executable).parent / "mypy", "--strict", "--python-executable", made / "user" / "bin" / "python"]
    done = run(*mypy, "use.py", cwd=tmp_path)
    found = [line.partition(": ")[2] for line in done.stdout.splitlines()]
    assert found[0] == 'note: Revealed type is "int"'
    assert found[1].startswith('error: Module has no attribute "simulated"')
    assert len(found) == 3, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("extra", EXTRAS)
def test_a_missing_extra_is_one_sentence(extra, made, typed):
    weight = onnx.numpy_helper.from_array(np.eye(4, dtype=np.float32), "w")
    value = onnx.helper.make_tensor_value_info
    ends = [value("x", onnx.TensorProto.FLOAT, [1, 4])], [value("y", onnx.TensorProto.FLOAT, [1, 4])]
    graph = onnx.helper.make_graph([onnx.helper.make_node("MatMul", ["x", "w"], ["y"])], "net", *ends, [weight])
    onnx.save(onnx.helper.make_model(graph), made / "work" / "net.onnx")
    sweep = ["sweep", "eie", "alexnet-fc8", "--over", "pes=1,2", "--set", "scale=0.02", "--store", "own.db", "--json"]
    assert json.loads(typed("zeroskip", *sweep).stdout)["failed"] == 0
    done = typed("zeroskip", *EXTRAS[extra])
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1
    assert f"pip install 'zeroskip[{extra}]'" in done.stderr


@pytest.mark.slow
def test_what_pretrained_networks_need_is_one_sentence(typed):
    calls = {
        "from workloads.sources.keras.file import load_keras; load_keras('x.h5')": "h5py",
        "from workloads.sources.pretrained.onnx_models import photo; photo('x', (1, 3, 8, 8), 0, 1, 0)": "skimage.data",
    }
    for call, module in calls.items():
        last = typed("python", "-c", f"import zeroskip; {call}").stderr.splitlines()[-1]
        assert f"{module} is not installed; expected pip install 'zeroskip[real]'" in last
