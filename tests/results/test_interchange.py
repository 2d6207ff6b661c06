"""Accelergy's counts and prices, SCALE-Sim's reports: what is written is what was counted, and comes back the same."""

import csv
import io
import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.damage import damage
from support.paths import ROOT
from support.pretrained import small_network  # noqa: F401
from support.results.stored_results import LAYERS, network, single, written
from typer.testing import CliRunner

from simulator.cli import app
from simulator.export.accelergy import accelergy_files
from simulator.export.ert import Ert, price_stored, reprice
from simulator.export.scalesim import scalesim_files
from simulator.pricing.energy import Line, by_component
from simulator.results.audit import disagreements
from simulator.results.stored_energy import read_result
from workloads.errors import InputError
from workloads.yaml_files import dump_yaml, parse_yaml
from zeroskip import load_arch, load_workload, price_with, read_ert, simulate

PRICES = st.floats(0, 1e9, allow_nan=False)


def stored(tmp_path, result):
    return read_result(str(written(tmp_path / "result.json", result)))


def table_of(tmp_path, text):
    path = tmp_path / "ERT.yaml"
    path.write_text(text)
    return path


def own_table(lines, changes=(), version="'0.4'"):
    """A table with the lines' prices, some of them changed."""
    prices = {(line.component, line.event): line.pj_each for line in lines} | dict(changes)
    rows = "".join(f"  - name: {c}\n    actions: [{{name: {e}, energy: {pj!r}}}]\n" for (c, e), pj in prices.items())
    return f"ERT:\n  version: {version}\n  tables:\n{rows}"


def run(*arguments):
    done = CliRunner().invoke(app, [*map(str, arguments)])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


@pytest.mark.parametrize("name", LAYERS)
def test_there_and_back_again_to_the_last_bit(name, tmp_path):
    files = accelergy_files(stored(tmp_path, single(name)))
    assert set(files) == {"action_counts.yaml", "ERT.yaml"}
    ert = read_ert(table_of(tmp_path, files["ERT.yaml"]))
    priced = price_with(single(name), ert)
    assert by_component(priced.energy) == by_component(single(name).energy)
    for ours, theirs in zip(single(name).energy, priced.energy, strict=True):
        assert theirs[:5] == ours[:5]
        assert theirs.source == f"{ert.where}: {single(name).config.name}.{ours.component}.{ours.event}"
    assert priced.run is single(name).run
    assert priced.to_dict()["notes"][0] == f"all energies are priced by {ert.where}"


@given(st.lists(PRICES, min_size=3, max_size=3))
def test_any_price_comes_back(tmp_path_factory, prices):
    tmp_path = tmp_path_factory.mktemp("prices")
    printed = stored(tmp_path, single("eie"))
    lines = [line._replace(pj_each=pj) for line, pj in zip(printed.layers[0].lines, prices, strict=False)]
    changed = printed._replace(layers=[printed.layers[0]._replace(lines=lines)])
    ert = read_ert(table_of(tmp_path, accelergy_files(changed)["ERT.yaml"]))
    again = reprice(lines, ert)
    assert [line.pj_each for line in again] == prices
    assert [line.energy_pj for line in again] == [line.times * pj for line, pj in zip(lines, prices, strict=True)]


@pytest.mark.parametrize("name", LAYERS)
def test_action_counts_are_our_counts(name, tmp_path):
    text = accelergy_files(stored(tmp_path, single(name)))["action_counts.yaml"]
    printed = yaml.safe_load(text)["action_counts"]
    assert (printed["version"], printed["about"]) == (0.4, single(name).workload.name)
    (root,) = printed["subtree"]
    assert root["name"] == single(name).config.name
    found = [(local["name"], one["name"], one["counts"]) for local in root["local"] for one in local["action_counts"]]
    assert all(isinstance(count, int) for _, _, count in found)
    assert sorted(found) == sorted((line.component, line.event, line.times) for line in single(name).energy)
    assert len({local["name"] for local in root["local"]}) == len(root["local"])


def test_the_prices_have_the_published_form(tmp_path):
    printed = yaml.safe_load(accelergy_files(stored(tmp_path, single("eie")))["ERT.yaml"])["ERT"]
    assert printed["version"] == "0.4"
    for table in printed["tables"]:
        for one in table["actions"]:
            assert set(one) == {"name", "arguments", "energy", "source"}
            assert one["arguments"] == {}
            assert isinstance(one["energy"], float)


def test_a_network_shares_its_prices(tmp_path):
    printed = stored(tmp_path, network("dcnn"))
    files = accelergy_files(printed)
    assert list(files) == ["action_counts_00.yaml", "action_counts_01.yaml", "action_counts_02.yaml", "ERT.yaml"]
    for number, layer in enumerate(printed.layers):
        counts = yaml.safe_load(files[f"action_counts_{number:02}.yaml"])["action_counts"]
        assert counts["about"] == layer.name
        assert sum(one["counts"] for local in counts["subtree"][0]["local"] for one in local["action_counts"]) == sum(
            line.times for line in layer.lines
        )
    again = price_stored(printed, read_ert(table_of(tmp_path, files["ERT.yaml"])))
    assert [layer.energy_pj for layer in again.layers] == [layer.energy_pj for layer in printed.layers]
    double = {(c, e): 2 * pj for (c, e), pj in read_ert(tmp_path / "ERT.yaml").prices.items()}
    dear = price_stored(printed, Ert("t.yaml", double))
    assert [layer.energy_pj["total"] for layer in dear.layers] == [
        2 * layer.energy_pj["total"] for layer in printed.layers
    ]
    assert disagreements(again) == disagreements(dear) == []
    lines = [printed.layers[1].lines[0]._replace(pj_each=7.5), *printed.layers[1].lines[1:]]
    uneven = printed._replace(layers=[printed.layers[0], printed.layers[1]._replace(lines=lines)])
    with pytest.raises(InputError, match=r"costs 7.5 pJ in alexnet-conv5 and .* in alexnet-conv3; expected one price"):
        accelergy_files(uneven)


def test_names_that_look_like_numbers_stay_names():
    printed = {
        "1e-3": ["1e-3", "yes", "0x1", "", "a: b", "12", "é\n\u2028#"],
        "b": [1e-3, 5e-324, 1e16, 0.1, 3, True, None],
    }
    assert parse_yaml("here", dump_yaml(printed)) == printed


def test_a_changed_price_changes_exactly_its_line(tmp_path):
    lines = single("eie").energy
    for at, line in enumerate(lines):
        text = own_table(lines, {(line.component, line.event): line.pj_each + 1}.items())
        again = reprice(lines, read_ert(table_of(tmp_path, text)))
        changed = [i for i, (old, new) in enumerate(zip(lines, again, strict=True)) if old.pj_each != new.pj_each]
        assert changed == [at]
        assert again[at].energy_pj == line.times * (line.pj_each + 1)


LINES = [Line("mac", "adds", 3, 1.0, 3.0, "s"), Line("fat.mac", "adds", 5, 2.0, 10.0, "s")]


@pytest.mark.parametrize("version", ["'0.4'", "0.4", "0.3", "'0.3'"])
def test_names_may_have_parts_in_front_and_instances_behind(version, tmp_path):
    prices = {("chip.mac[1..64]", "adds"): 0.25, ("chip[3].fat[0..1].mac", "adds"): 4}
    again = reprice(
        LINES,
        read_ert(
            table_of(
                tmp_path,
                own_table([], {f'"{c}"': 0 for c in ()}, version)
                + "".join(
                    f'  - name: "{c}"\n    actions: [{{name: {e}, energy: {pj}, arguments: {{a: 1}}, odd: 1}}]\n'
                    for (c, e), pj in prices.items()
                ),
            )
        ),
    )
    assert [line.pj_each for line in again] == [0.25, 4.0]
    assert [line.energy_pj for line in again] == [0.75, 20.0]
    assert again[0].source.endswith("ERT.yaml: chip.mac[1..64].adds")


def test_two_prices_of_one_event():
    ert = Ert("t.yaml", {("a.mac", "adds"): 1.0, ("b.mac", "adds"): 1.0})
    with pytest.raises(InputError, match=r"^t.yaml: a.mac.adds and b.mac.adds are mac.adds; expected one price$"):
        reprice(LINES[:1], ert)


def test_lines_that_cannot_be_told_apart(tmp_path):
    twice = stored(tmp_path, single("eie"))
    layer = twice.layers[0]
    twice = twice._replace(layers=[layer._replace(lines=[*layer.lines, layer.lines[3]])])
    expected = f"two lines of the result are {layer.lines[3].component}.{layer.lines[3].event}; expected each component"
    with pytest.raises(InputError, match=rf"result.json: {expected}"):
        accelergy_files(twice)
    with pytest.raises(InputError, match="t.yaml: two lines of the result are mac.adds"):
        reprice([LINES[0], LINES[0]], Ert("t.yaml", {("mac", "adds"): 1.0}))


def test_an_event_without_a_price_and_a_price_without_an_event():
    with pytest.raises(
        InputError, match=r"^t.yaml: ERT.mac.adds is missing \(it has mac.add\); expected a price in pJ"
    ):
        reprice(LINES[:1], Ert("t.yaml", {("mac", "add"): 1.0}))
    with pytest.raises(InputError, match=r"^t.yaml: ERT.mac.idle is an unknown price; expected mac.adds$"):
        reprice(LINES[:1], Ert("t.yaml", {("mac", "adds"): 1.0, ("x.mac[2]", "idle"): 1.0}))
    with pytest.raises(InputError, match=r"^t.yaml: ERT.bigmac.adds is an unknown price"):
        reprice(LINES[:1], Ert("t.yaml", {("mac", "adds"): 1.0, ("bigmac", "adds"): 1.0}))
    with pytest.raises(InputError, match=r"^t.yaml: ERT.stomach.adds is an unknown price"):
        reprice(LINES[:1], Ert("t.yaml", {("mac", "adds"): 1.0, ("stomach", "adds"): 1.0}))


GOOD = "ERT: {version: '0.4', tables: [{name: mac, actions: [{name: adds, energy: 1}]}]}"
BAD = {
    "no yaml": ("ERT: [", "it is no YAML"),
    "a list": ("- 1", "it holds list; expected a mapping"),
    "no table": ("ART: {}", "ERT is missing; expected a value"),
    "older": (GOOD.replace("0.4", "0.2"), "ERT.version is '0.2'; expected one of 0.3, 0.4"),
    "no version": (GOOD.replace("version: '0.4', ", ""), "ERT.version is None; expected one of 0.3, 0.4"),
    "tables by name": ("ERT: {version: 0.3, tables: {mac: 1}}", "ERT.tables is a mapping; expected a valid list"),
    "no energy": (GOOD.replace(", energy: 1", ""), "ERT.tables.0.actions.0.energy is missing; expected a value"),
    "negative": (GOOD.replace("energy: 1", "energy: -1"), "energy is -1; expected greater than or equal to 0"),
    "infinite": (GOOD.replace("energy: 1", "energy: .inf"), "energy is inf; expected a finite number"),
    "text": (GOOD.replace("energy: 1", "energy: '1'"), "energy is '1'; expected a valid number"),
    "a flag": (GOOD.replace("energy: 1", "energy: true"), "energy is True; expected a valid number"),
    "no name": (GOOD.replace("name: mac, ", ""), "ERT.tables.0.name is missing"),
    "an action that is none": (
        GOOD.replace("{name: adds, energy: 1}", "3"),
        "actions.0 is 3; expected a mapping with name, ",
    ),
    "a huge version": (f"ERT: {{version: 0x{'9' * 4000}, tables: []}}", "it is no YAML (an integer of 16000 bits)"),
    "a bool by its tag": ("ERT: !!bool x", "it is no YAML ('x')"),
    "a date by its tag": ("ERT: !!timestamp x", "it is no YAML ("),
    "a number by its tag": ("ERT: !!int ''", "it is no YAML ("),
    "in a circle": ("ERT: &a {version: 0.4, tables: [*a]}", "it is no YAML (its references make more than "),
    "twice": (
        GOOD.replace("[{name: adds", "[{name: adds, energy: 2, arguments: {a: 0}}, {name: adds"),
        "mac.adds is given twice; expected each action once, whatever its arguments",
    ),
}


@pytest.mark.parametrize(("text", "complaint"), BAD.values(), ids=BAD)
def test_tables_that_are_none(text, complaint, tmp_path):
    with pytest.raises(InputError, match=rf"ERT\.yaml: .*{re.escape(complaint)}"):
        read_ert(table_of(tmp_path, text))
    assert read_ert(table_of(tmp_path, GOOD)).prices == {("mac", "adds"): 1.0}


@given(st.data())
def test_a_damaged_table_is_refused_in_a_sentence_or_still_a_table(tmp_path_factory, data):
    tmp_path = tmp_path_factory.mktemp("damaged")
    path = table_of(tmp_path, accelergy_files(stored(tmp_path, single("eie")))["ERT.yaml"])
    damage(data, path)
    try:
        reprice(single("eie").energy, read_ert(path))
    except InputError as error:
        assert re.fullmatch(r"(?s).*ERT\.yaml: .*; expected .*", str(error))


@given(st.text(alphabet="ERT: version0.34tables[]{}\n- namecitosgy&*!|>'\"#,%@`\t1e9~?", max_size=60))
def test_a_table_of_anything(tmp_path_factory, text):
    try:
        read_ert(table_of(tmp_path_factory.mktemp("odd"), text))
    except InputError as error:
        assert re.search(r"ERT\.yaml: .*; expected ", str(error), re.S)


def test_run_with_an_own_table(tmp_path):
    layer = ["run", "eie", "nt-we", "--scale", "0.05"]
    before = json.loads(run(*layer, "--json"))
    lines = [Line(**line) for line in before["energy_lines"]]
    free = {(line.component, line.event): 0.0 for line in lines if line.event != "multiplies"}
    path = table_of(tmp_path, own_table(lines, free.items()))
    after = json.loads(run(*layer, "--ert", path, "--json"))
    assert after["cycles"] == before["cycles"]
    assert after["counts"] == before["counts"]
    (multiplies,) = [line for line in lines if line.event == "multiplies"]
    assert after["energy_pj"]["total"] == multiplies.energy_pj == before["multiplies"] * multiplies.pj_each > 0
    assert after["notes"][0] == f"all energies are priced by {path}"
    result = tmp_path / "before.json"
    result.write_text(json.dumps(before))
    printed = json.loads(run("explain", result, "--ert", path, "--json"))
    assert printed["energy_pj"] == after["energy_pj"]
    assert printed["layers"][0]["energy_lines"] == after["energy_lines"]
    run("export", result, "--ert", path, "--accelergy", tmp_path / "out", "--scalesim", tmp_path / "out")
    assert f"source: '{path}: arithmetic.multiplies'" in (tmp_path / "out" / "ERT.yaml").read_text()
    (row,) = csv.DictReader((tmp_path / "out" / "ENERGY_REPORT.csv").open())
    assert float(row["Total (pJ)"]) == after["energy_pj"]["total"]


def test_a_network_with_an_own_table(tmp_path):
    arguments = ["run", "dcnn", "alexnet", "--scale", "0.03", "--json"]
    before = json.loads(run(*arguments))
    lines = [Line(**line) for line in before["layers"][0]["energy_lines"]]
    double = {(line.component, line.event): 2 * line.pj_each for line in lines}
    after = json.loads(run(*arguments, "--ert", table_of(tmp_path, own_table(lines, double.items()))))
    for old, new in zip(before["layers"], after["layers"], strict=True):
        assert new["energy_uj"] == pytest.approx(2 * old["energy_uj"])
        assert new["cycles"] == old["cycles"]
    missing = CliRunner().invoke(app, [*arguments, "--ert", str(table_of(tmp_path, GOOD))])
    assert isinstance(missing.exception, InputError)
    assert re.search(
        r"^\S+ERT\.yaml: ERT\.\w+\.dot_products is missing.*; expected a price in pJ", str(missing.exception)
    )


@pytest.mark.usefixtures("small_network")
def test_a_pretrained_network_with_an_own_table(tmp_path):
    arguments = ["run", "eie", "small", "--json"]
    before = json.loads(run(*arguments))
    lines = [Line(**line) for line in before["layers"][-1]["energy_lines"]]
    double = {(line.component, line.event): 2 * line.pj_each for line in lines}
    after = json.loads(run(*arguments, "--ert", table_of(tmp_path, own_table(lines, double.items()))))
    assert after["total"]["energy_uj"] == pytest.approx(2 * before["total"]["energy_uj"])
    missing = CliRunner().invoke(app, [*arguments, "--ert", str(table_of(tmp_path, GOOD))])
    assert re.search(r"^\S+ERT\.yaml: ERT\.\w+\.\w+ is missing.*; expected a price in pJ", str(missing.exception))


def test_python_prices_a_result_with_a_table(tmp_path):
    result = simulate(load_arch("eie", pes=2), load_workload("nt-we", scale=0.02))
    dear = price_with(
        result, read_ert(table_of(tmp_path, own_table(result.energy, {("dram", "dram_words"): 1.0}.items())))
    )
    assert dear.to_dict()["energy_lines"] == [line._asdict() for line in dear.energy]
    assert [line.times for line in dear.energy] == [line.times for line in result.energy]


def reports(tmp_path, result):
    files = scalesim_files(stored(tmp_path, result))
    assert list(files) == ["COMPUTE_REPORT.csv", "ACCESS_REPORT.csv", "ENERGY_REPORT.csv"]
    return [list(csv.DictReader(io.StringIO(text))) for text in files.values()]


@pytest.mark.parametrize("name", LAYERS)
def test_reports_of_a_layer_are_its_figures(name, tmp_path):
    result = single(name)
    printed = result.to_dict()
    ((compute,), (access,), (energy,)) = reports(tmp_path, result)
    for row in (compute, access, energy):
        assert (row.pop("LayerID"), row.pop("Layer")) == ("0", printed["workload"])
        assert all(re.search(r"\((pJ|us|mW|uJ x us|events|operations|bytes)\)$| Cycles$| %$", name) for name in row)
    assert int(compute["Total Cycles"]) == printed["cycles"]
    assert float(compute["Stall Cycles"]) + float(compute["Theoretical Cycles"]) == pytest.approx(printed["cycles"])
    assert float(compute["Stall Cycles"]) >= 0
    assert float(compute["Overall Util %"]) == pytest.approx(100 * printed["theoretical_us"] / printed["time_us"])
    assert float(compute["Compute Util %"]) == 100 * printed["load_balance"]
    assert int(compute["Multiplies (operations)"]) == printed["multiplies"]
    assert float(compute["Time (us)"]) == printed["time_us"]
    assert int(access.pop("DRAM (bytes)")) == printed["dram_bytes"]
    assert {name.removesuffix(" (events)"): int(count) for name, count in access.items()} == printed["counts"]
    assert float(energy.pop("Average Power (mW)")) == pytest.approx(printed["power_mw"])
    assert float(energy.pop("Energy x Time (uJ x us)")) == pytest.approx(printed["edp_uj_us"])
    parts = {name.removesuffix(" (pJ)").replace("Total", "total"): float(pj) for name, pj in energy.items()}
    assert parts == printed["energy_pj"]


@pytest.mark.parametrize("name", ["eie", "scnn", "dcnn"])
def test_reports_of_a_network_have_a_row_for_each_layer_that_ran(name, tmp_path):
    result = network(name)
    ran = [(str(number), row) for number, row in enumerate(result.rows) if not row.reason]
    for report in reports(tmp_path, result):
        assert [(row["LayerID"], row["Layer"]) for row in report] == [(number, row.layer) for number, row in ran]
    compute, _, energy = reports(tmp_path, result)
    assert [int(row["Total Cycles"]) for row in compute] == [row.cycles for _, row in ran]
    assert [float(row["Total (pJ)"]) for row in energy] == pytest.approx([1e6 * row.energy_uj for _, row in ran])


def test_export_says_what_it_writes_and_what_it_leaves_out(tmp_path):
    path = written(tmp_path / "result.json", network("eie"))
    flat = "".join(run("export", path, "--scalesim", tmp_path / "a" / "b").split("\n"))
    for name in ("COMPUTE_REPORT.csv", "ACCESS_REPORT.csv", "ENERGY_REPORT.csv"):
        assert (tmp_path / "a" / "b" / name).exists()
        assert name in flat
    assert "left out alexnet-conv3: eie_64pe runs no convolution layers" in flat
    neither = CliRunner().invoke(app, ["export", str(path)])
    assert str(neither.exception) == "no format is asked for; expected --accelergy DIR or --scalesim DIR"


DOCUMENT = (ROOT / "docs" / "interchange.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.S)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the document's commands have run."""
    monkeypatch.chdir(tmp_path)
    (commands,) = blocks("sh")
    for line in commands.splitlines():
        command, _, file = line.partition("#")[0].partition(" > ")
        program, *arguments = shlex.split(command)
        assert program == "zeroskip"
        printed = run(*arguments)
        assert printed.strip()
        if file:
            Path(file.strip()).write_text(printed)
    return tmp_path


def part_of(small, large):
    """Whether all of a document stands in another; of lists, the members with the same names."""
    if isinstance(small, dict):
        return all(key in large and part_of(value, large[key]) for key, value in small.items())
    if isinstance(small, list):
        return all(any(part_of(one, other) for other in large) for one in small)
    return small == large


def test_the_document_shows_what_is_written(folder, capsys):
    counts, prices = map(yaml.safe_load, blocks("yaml"))
    written_counts = yaml.safe_load((folder / "out" / "action_counts.yaml").read_text())
    assert part_of(prices, yaml.safe_load((folder / "out" / "ERT.yaml").read_text()))
    assert part_of(counts, written_counts)
    for file in ("COMPUTE_REPORT.csv", "ACCESS_REPORT.csv", "ENERGY_REPORT.csv"):
        assert file in DOCUMENT
        assert len((folder / "net" / file).read_text().splitlines()) == 1 + 8
    for name in next(csv.reader((folder / "out" / "COMPUTE_REPORT.csv").open()))[2:]:
        assert f"`{name}`" in DOCUMENT
    (snippet,) = blocks("python")
    exec(compile(snippet, "interchange.md", "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) == len(
        json.loads((folder / "fc8.json").read_text())["energy_lines"]
    )
