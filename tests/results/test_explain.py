"""A stored result adds up again to the last bit; where it does not, the line is named."""

import csv
import io
import json
import math
import re
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.damage import damage
from support.results.stored_results import LAYERS, network, single, written
from typer.testing import CliRunner

from simulator.cli import app, main
from simulator.export.accelergy import accelergy_files
from simulator.export.scalesim import scalesim_files
from simulator.pricing.energy import STATIC, Line, by_component
from simulator.results.audit import disagreements, network_energy
from simulator.results.result import FORMAT
from simulator.results.stored_energy import read_result
from simulator.results.text import short
from workloads.errors import InputError
from zeroskip import load_arch, load_workload, simulate

NETWORKS = ("eie", "scnn", "dcnn")


def run(*arguments, input=None, width=130):  # noqa: A002
    return CliRunner(env={"COLUMNS": str(width)}).invoke(app, [*map(str, arguments)], input=input)


def read(tmp_path, printed):
    path = tmp_path / "result.json"
    path.write_text(json.dumps(printed))
    return read_result(str(path))


@pytest.mark.parametrize("name", LAYERS)
def test_every_joule_of_a_layer_has_its_line(name, tmp_path):
    result = single(name)
    stored = read_result(str(written(tmp_path / "result.json", result)))
    (layer,) = stored.layers
    assert disagreements(stored) == []
    assert layer.lines == result.energy
    assert layer.energy_pj == by_component(result.energy) == network_energy(stored)
    priced = [line.event for line in layer.lines if line.event != STATIC]
    assert sorted(priced) == sorted(layer.form.counts)
    assert all(line.source for line in layer.lines)
    assert (stored.machine, layer.name) == (result.config.machine, result.workload.name)


def test_a_layer_without_multiplications_or_dram_is_read(tmp_path):
    arrays = {"weight": np.eye(16, dtype=np.float32), "activation": np.zeros(16, np.float32)}
    stored = read_result(str(written(tmp_path / "result.json", simulate("eie", arrays))))
    (layer,) = stored.layers
    assert (layer.form.multiplies, layer.form.dram_bytes) == (0, 0)
    assert 0 in layer.form.counts.values()
    assert disagreements(stored) == []


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_its_layers(name, tmp_path):
    result = network(name)
    stored = read_result(str(written(tmp_path / "result.json", result)))
    assert disagreements(stored) == []
    assert tuple(layer.name for layer in stored.layers) == result.ran
    assert set(stored.left_out) == {row.layer for row in result.rows} - set(result.ran)
    assert [layer.number for layer in stored.layers] == [i for i, row in enumerate(result.rows) if not row.reason]
    for layer, row in zip(stored.layers, [row for row in result.rows if not row.reason], strict=True):
        assert layer.energy_pj["total"] * 1e-12 / 1e-6 == row.energy_uj
        assert layer.form.cycles == row.cycles
    every = [line.energy_pj for layer in stored.layers for line in layer.lines]
    assert network_energy(stored)["total"] == math.fsum(every)


def paths(printed, at=()):
    """Where a result's energies and counts stand."""
    if isinstance(printed, dict):
        for key, value in printed.items():
            yield from paths(value, (*at, key))
    elif isinstance(printed, list):
        for key, value in enumerate(printed):
            yield from paths(value, (*at, key))
    elif (
        isinstance(printed, (int, float))
        and not isinstance(printed, bool)
        and {"energy_pj", "energy_lines", "counts", "energy_uj"} & set(at)
    ):
        yield at


def change(printed, path, value):
    for key in path[:-1]:
        printed = printed[key]
    printed[path[-1]] = value(printed[path[-1]]) if callable(value) else value


@pytest.mark.parametrize(("made", "name"), [(single, "eie"), (single, "ese"), (network, "eie")])
def test_each_edited_number_is_found_and_named(made, name, tmp_path):
    original = made(name).to_dict()
    places = list(paths(original))
    assert len(places) > 60
    for path in places:
        printed = json.loads(json.dumps(original))
        change(printed, path, lambda old: old + 1 if isinstance(old, int) else math.nextafter(old, math.inf))
        found = disagreements(read(tmp_path, printed))
        if not found:  # a price of what never happened, or one whose product is rounded to the same
            (*above, key) = path
            line = original
            for part in above:
                line = line[part]
            assert (key, line["times"] * math.nextafter(line["pj_each"], math.inf)) == ("pj_each", line["energy_pj"])
            continue
        lines = original["layers"][path[1]]["energy_lines"] if "layers" in path else original.get("energy_lines")
        if "energy_lines" in path:
            line = lines[path[path.index("energy_lines") + 1]]
            assert any(f"{line['component']}.{line['event']}: " in sentence for sentence in found), (path, found)
        else:
            assert any(str(path[-1]) in sentence for sentence in found), (path, found)


def test_lines_that_are_gone_or_moved_are_found(tmp_path):
    printed = single("eie").to_dict()
    removed = {**printed, "energy_lines": [line for line in printed["energy_lines"] if line["event"] != "entries"]}
    assert any(sentence.endswith("counts.entries has no line") for sentence in disagreements(read(tmp_path, removed)))
    moved = json.loads(json.dumps(printed))
    next(line for line in moved["energy_lines"] if line["event"] == "entries")["component"] = "arithmetic"
    assert len(disagreements(read(tmp_path, moved))) == 2
    unnamed = {**printed, "energy_pj": {key: pj for key, pj in printed["energy_pj"].items() if key != "total"}}
    (sentence,) = disagreements(read(tmp_path, unnamed))
    assert "energy_pj.total: all lines add up to " in sentence
    assert sentence.endswith("; the file says nothing")


def test_sums_of_nothing_and_impossible_static_counts_are_found(tmp_path):
    printed = single("eie").to_dict()
    stranger = {**printed, "energy_pj": {**printed["energy_pj"], "stomach": 1.5}}
    (sentence,) = disagreements(read(tmp_path, stranger))
    assert sentence.endswith("energy_pj.stomach: its lines add up to nothing; the file says 1.5 pJ")
    lines = [Line(**line) for line in printed["energy_lines"]]
    assert lines[0].event == STATIC
    lines[0] = lines[0]._replace(times=lines[0].times + 1, energy_pj=(lines[0].times + 1) * lines[0].pj_each)
    skewed = {**printed, "energy_lines": [line._asdict() for line in lines], "energy_pj": by_component(lines)}
    (sentence,) = disagreements(read(tmp_path, skewed))
    assert (
        f"act_queue.static: the line counts {lines[0].times:,}, no multiple of the {printed['cycles']:,} cyc"
        in sentence
    )


def test_a_networks_layer_is_checked_even_if_the_total_follows_it(tmp_path):
    printed = network("eie").to_dict()
    (row,) = [row for row in printed["layers"] if not row["reason"]]
    row["energy_uj"] = printed["total"]["energy_uj"] = 7.0
    (sentence,) = disagreements(read(tmp_path, printed))
    assert re.fullmatch(r"alexnet-fc8: energy_uj: all lines add up to .* uJ; the file says 7.0", sentence)


def test_the_order_of_lines_does_not_matter(tmp_path):
    printed = single("scnn").to_dict()
    printed["energy_lines"].reverse()
    assert disagreements(read(tmp_path, printed)) == []


def test_explain_prints_six_digits(tmp_path):
    result = single("eie")
    path = written(tmp_path / "result.json", result)
    flat = " ".join(run("explain", path, width=200).stdout.split())
    for line in result.energy:
        if line.component not in by_component(result.energy):  # scales, which this format has not
            assert (line.component, line.times) == ("scale_read", 0)
            continue
        numbers = f"{line.times:,} {short(line.pj_each)} {short(line.energy_pj)}"
        assert f"{line.event} {numbers} {line.source.split()[0]}" in flat
    for name, energy in by_component(result.energy).items():
        assert f"{name} {short(energy)}" in flat
    for head in ("price (pJ)", "energy (pJ)", "count", "source of the price"):
        assert head in flat
    assert "exactly rounded sum of all its lines, so that their order does not matter" in flat


@pytest.mark.parametrize("name", ["eie", "ese", "scnn"])
def test_explain_is_not_wider_than_the_terminal(name, tmp_path):
    printed = run("explain", written(tmp_path / "result.json", single(name)), width=80).stdout
    table = printed.split(" note ")[0].splitlines()
    assert max(map(len, table)) <= 80
    assert len(table) > 10
    numbers = re.findall(r"(?<![\w.,-])\d[\d,]*\.\d+(?:e[-+]\d+)?(?![\w.])", "\n".join(table))
    assert numbers
    assert all(len(re.sub(r"e.*|[.,]", "", one).lstrip("0")) <= 6 for one in numbers)


def test_explain_of_a_network_has_the_sum_of_its_layers(tmp_path):
    path = written(tmp_path / "result.json", network("eie"))
    flat = " ".join(run("explain", path).stdout.split())
    assert "alexnet-conv3 did not run: eie_64pe runs no convolution layers" in flat
    both = written(tmp_path / "other.json", network("dcnn"))
    total = network_energy(read_result(str(both)))["total"]
    flat = " ".join(run("explain", both).stdout.split())
    assert "energy of the 3 layers" in flat
    assert f"total {short(total)}" in flat


@pytest.mark.parametrize("made", [single, network])
def test_csv_and_json_add_up_again(made, tmp_path):
    path = written(tmp_path / "result.json", made("scnn"))
    printed = json.loads(run("explain", path, "--json").stdout)
    rows = list(csv.DictReader(io.StringIO(run("explain", path, "--csv").stdout)))
    assert list(rows[0]) == ["layer", *Line._fields]
    assert all(int(row["times"]) * float(row["pj_each"]) == float(row["energy_pj"]) for row in rows)
    assert math.fsum(float(row["energy_pj"]) for row in rows) == printed["energy_pj"]["total"]
    for component in {row["component"] for row in rows}:
        parts = [float(row["energy_pj"]) for row in rows if row["component"] == component]
        assert math.fsum(parts) == printed["energy_pj"][component]
    for layer in printed["layers"]:
        assert math.fsum(line["energy_pj"] for line in layer["energy_lines"]) == layer["energy_pj"]["total"]
    assert printed["disagreements"] == []


def test_an_edited_file_fails_with_the_line_named(tmp_path):
    printed = single("eie").to_dict()
    next(line for line in printed["energy_lines"] if line["event"] == "multiplies")["pj_each"] = 0.7
    path = tmp_path / "result.json"
    path.write_text(json.dumps(printed))
    for arguments in (["explain", path], ["explain", path, "--json"], ["export", path, "--scalesim", tmp_path / "x"]):
        done = run(*arguments)
        assert done.exit_code == 1
        flat = " ".join(done.stderr.split())
        assert "does not add up: alexnet-fc8: arithmetic.multiplies: " in flat
        assert "times 0.7 pJ is " in flat
    assert not (tmp_path / "x").exists()


def test_standard_input(tmp_path):
    path = written(tmp_path / "result.json", single("eie"))
    assert run("explain", "-", input=path.read_text()).stdout == run("explain", path).stdout
    done = run("explain", "-", input="{")
    assert str(done.exception).startswith("standard input: it is no JSON")


def test_what_run_prints_is_what_explain_reads(tmp_path):
    for arguments in (["eie", "nt-we", "--scale", "0.02"], ["dcnn", "alexnet", "--scale", "0.03"]):
        path = tmp_path / "result.json"
        path.write_text(run("run", *arguments, "--json").stdout)
        assert run("explain", path).exit_code == 0


def test_changing_a_price_changes_exactly_its_line():
    layer = load_workload("nt-we", scale=0.05)
    config = load_arch("eie", pes=4)
    before = simulate(config, layer)
    for at, price in enumerate(config.technology.energy_pj):
        prices = list(config.technology.energy_pj)
        prices[at] = price._replace(pj=price.pj + 1)
        dearer = config._replace(technology=config.technology._replace(energy_pj=tuple(prices)))
        after = simulate(dearer, layer).energy
        changed = [new.event for old, new in zip(before.energy, after, strict=True) if old != new]
        assert changed == [price.event]


BAD = {
    "no json": ("{", "it is no JSON (Expecting property name"),
    "nan": ('{"format": NaN}', "it is no JSON (NaN is no number of JSON)"),
    "a list": ("[]", "it holds a list; expected the JSON that `zeroskip run ... --json` prints"),
    "deep": ("[" * 100_000, "it is no JSON ("),
    "half a character": ('{"format": "\\ud800"}', "it is no JSON ('utf-8' codec can't encode character '\\ud800'"),
    "long number": (f'{{"format": {"9" * 5000}}}', "it is no JSON ("),
    "another json": ("{}", "it has no format; expected 'zeroskip 1': the JSON that"),
    "another version": ('{"format": "zeroskip 2"}', "its format is 'zeroskip 2'; expected 'zeroskip 1'"),
    "format alone": (f'{{"format": "{FORMAT}"}}', "machine is missing; expected a value"),
}


@pytest.mark.parametrize(("text", "complaint"), BAD.values(), ids=BAD)
def test_files_that_are_no_results(text, complaint, tmp_path):
    path = tmp_path / "result.json"
    path.write_text(text)
    with pytest.raises(InputError, match=rf"result\.json: {re.escape(complaint)}"):
        read_result(str(path))


EDITS = {
    "a line without a price": (
        ("energy_lines", 0, "pj_each"),
        None,
        "energy_lines.0.pj_each is None; expected a valid",
    ),
    "a negative count": (
        ("energy_lines", 1, "times"),
        -1,
        "energy_lines.1.times is -1; expected greater than or equal",
    ),
    "a fraction": (("energy_lines", 1, "times"), 1.5, "energy_lines.1.times is 1.5; expected a valid integer"),
    "infinite": (("energy_pj", "total"), 1e300 * 1e300, "it is no JSON (Infinity is no number of JSON)"),
    "huge": (("energy_pj", "total"), 1e61, "energy_pj.total is 1e+61; expected less than or equal to"),
    "no line": (("energy_lines",), [], "energy_lines is []; expected a list of 1 or more"),
    "a line that is none": (("energy_lines", 2), 7, "energy_lines.2 is 7; expected a mapping with component, event"),
    "no cycles": (("cycles",), 0, "cycles is 0; expected greater than or equal to 1"),
    "counts in words": (("counts", "entries"), "7", "counts.entries is '7'; expected a valid integer"),
    "layers that are none": (("layers",), 3, "layers is 3; expected a list of layers"),
    "no layers": (("layers",), [], "none of its layers ran; expected a result with energy"),
    "a layer that is none": (("layers",), [3], "layers.0.layer is None; expected a layer's name"),
}


@pytest.mark.parametrize(("path", "value", "complaint"), EDITS.values(), ids=EDITS)
def test_results_with_impossible_parts(path, value, complaint, tmp_path):
    printed = single("eie").to_dict()
    change(printed, path, value)
    with pytest.raises(InputError, match=rf"result\.json: {re.escape(complaint)}.*"):
        read(tmp_path, printed)


@pytest.mark.parametrize("key", ["energy_lines", "energy_pj", "counts", "cycles", "theoretical_cycles", "machine"])
def test_missing_keys(key, tmp_path):
    printed = {name: value for name, value in single("eie").to_dict().items() if name != key}
    with pytest.raises(InputError, match=f"{key} is missing; expected a value"):
        read(tmp_path, printed)


def test_a_network_without_its_total(tmp_path):
    printed = network("eie").to_dict()
    del printed["total"]
    with pytest.raises(InputError, match=r"result.json: total: it is None; expected the JSON"):
        read(tmp_path, printed)


@pytest.mark.parametrize("arguments", [["explain", "none.json"], ["export", "none.json", "--scalesim", "x"]])
def test_the_command_line_says_it_in_a_sentence(arguments, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["zeroskip", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert capsys.readouterr().err.startswith("zeroskip: none.json: there is no such file; expected the JSON that")
    assert not (tmp_path / "x").exists()


def use(stored):
    """All that is done with a stored result."""
    disagreements(stored)
    network_energy(stored)
    for files in (accelergy_files, scalesim_files):
        files(stored)


@given(st.data())
def test_a_damaged_result_is_refused_in_a_sentence_or_still_a_result(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "result.json"
    written(path, data.draw(st.sampled_from([single("eie"), network("eie")])))
    damage(data, path)
    try:
        use(read_result(str(path)))
    except InputError as error:
        assert re.search(r"; expected .", str(error))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


def places(printed, at=()):
    """Every place in a document, the document itself left out."""
    for key, value in (
        printed.items() if isinstance(printed, dict) else enumerate(printed) if isinstance(printed, list) else ()
    ):
        yield (*at, key)
        yield from places(value, (*at, key))


@given(st.data())
def test_a_result_with_anything_in_any_place(tmp_path_factory, data):
    printed = json.loads(json.dumps(data.draw(st.sampled_from([single("ese"), network("eie")])).to_dict()))
    path = data.draw(st.sampled_from(list(places(printed))))
    change(printed, path, data.draw(VALUES))
    try:
        use(read(tmp_path_factory.mktemp("odd"), printed))
    except InputError as error:
        assert re.search(r"; expected .", str(error))
