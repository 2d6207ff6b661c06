"""The pages of reports as text: what is in them, how it is escaped, what they ask of a network (nothing)."""

import json
import math
import re
import warnings
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.results.pages import BREAKOUT, EVIL, comparison, layer, network, study, write
from typer.testing import CliRunner

from simulator.cli import app
from simulator.config.load import CHANGEABLE, USER
from simulator.html import build, paper, parts, pictures
from simulator.html import render as html
from simulator.html.layer import group_reasons
from simulator.html.study import axes_of, outstanding
from simulator.plots.words import label
from simulator.results.files import read_file
from workloads.errors import InputError
from zeroskip import load_arch, load_workload, simulate

VOID = {"meta", "br", "input", "img", "link"}


class Tree(HTMLParser):
    """Elements, texts and tables of a page, with the check that what is opened is closed."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.texts, self.tables = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.texts.append(data)
            if self.open[-1] in ("td", "th"):
                self.tables[-1][-1][-1] += data

    def of(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def table(self, *heads):
        """The rows of the table that has these heads first."""
        found, *_ = [table[1:] for table in self.tables if tuple(table[0][: len(heads)]) == heads]
        return found


@pytest.fixture(scope="module")
def printed():
    return {"layer": layer(queue_depth=4), "comparison": (both := comparison()), "network": network(both)}


@pytest.fixture(scope="module")
def made(printed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    found = {kind: write(folder / f"{kind}.json", content) for kind, content in printed.items()}
    return {**found, "study": write(folder / "study.csv", study())}


KINDS = ("layer", "network", "comparison", "study")


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_sound_and_asks_for_nothing(made, kind):
    tree = Tree(made[kind])
    assert tree.of("html")[0]["lang"] == "en"
    assert len(tree.of("h1")) == len(tree.of("main")) == len(tree.of("title")) == 1
    ids = [attributes["id"] for _, attributes in tree.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in tree.elements:
        for key in ("href", "xlink:href", "aria-labelledby"):
            target = attributes.get(key)
            if target is not None and not target.startswith("data:"):
                assert target.removeprefix("#") in ids, target
        assert "src" not in attributes
        assert not any(key.startswith("on") for key in attributes)
    without_data = re.sub(r'<script type="application/json".*?</script>', "", made[kind])
    assert not re.search(r"https?:|//\w|@import|\burl\((?!#)", without_data.replace("// Each", ""))
    assert "default-src 'none'" in tree.of("meta")[2]["content"]
    assert tree.of("a")[0] == {"class": "skip", "href": "#main"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_file_gives_the_same_page(made, printed, kind, tmp_path):
    content = study() if kind == "study" else printed[kind]
    assert write(tmp_path / f"{kind}.{'csv' if kind == 'study' else 'json'}", content) == made[kind]


def test_a_layers_page_has_its_figures_sources_and_versions(made, printed):
    tree, printed = Tree(made["layer"]), printed["layer"]
    spent = {(row[0], row[1]): row[2] for row in tree.table("unit", "reason")}
    for kind, reasons in group_reasons(printed).items():
        for reason, cycles in reasons.items():
            assert spent[kind, label(reason)] == f"{cycles:,}"
    sources = {row[0]: row for row in tree.table("key", "value")}
    assert set(sources) == set(printed["config_sources"])
    assert sources["queue_depth"][1:] == ["4", "", f"{USER} (changed)"]
    assert sources["pes"][3] == "paper, section V: 64 PEs"
    events = dict(tree.table("event", "times"))
    assert events["multiplies"] == f"{printed['counts']['multiplies']:,}"
    components = {row[0]: row[1] for row in tree.table("component")}
    assert components["sparse-matrix SRAM read"] == html.show(printed["energy_pj"]["spmat_read"] / 1000)
    text = "\n".join(tree.texts)
    assert "nt-we on eie_64pe (queue_depth = 4)" in text
    assert printed["versions"]["numpy"] in text
    assert "the output equals the reference kernel's" in text
    assert text.count("There are none.") == (not printed["violations"] and not printed["notes"])


def test_every_number_of_a_configuration_has_its_source():
    for name in ("eie", "ese", "scnn", "dcnn_opt"):
        config = load_arch(name, clock_mhz=123)
        sources = config.describe_sources()
        assert {key: sources[key]["value"] for key in config.arch._fields} == config.written
        assert sources["clock_mhz"] == {"value": 123.0, "source": USER}
        prices = {f"energy_pj.{price.event}": price.pj for price in config.technology.energy_pj}
        assert {key: sources[key]["value"] for key in prices} == prices
        assert all(one["source"].strip() for one in sources.values())
        shares = len(config.technology.static_mw) + len(config.technology.area_um2)
        assert len(sources) == len(config.arch) + len(CHANGEABLE) + len(["prices_nm"]) + len(prices) + shares


def test_violations_and_wrong_outputs_are_alarms(printed, tmp_path):
    wrong = {**printed["layer"], "violations": ["x does not fit"], "output_matches_reference": False}
    page = write(tmp_path / "a.json", wrong)
    (alarm,) = re.findall(r'<ul class="alarm">(.*?)</ul>', page)
    assert "the output DIFFERS from the reference" in alarm
    assert "does not fit: x does not fit" in alarm
    both = json.loads(json.dumps(printed["comparison"]))
    both["machines"]["scnn"]["layers"][1]["output_matches_reference"] = False
    assert "scnn: the output of alexnet-fc7 DIFFERS" in write(tmp_path / "b.json", both)


def test_a_comparisons_page_has_all_layers_and_says_what_did_not_run(made, printed):
    tree = Tree(made["comparison"])
    rows = tree.table("machine", "layer")
    printed = printed["comparison"]["machines"]
    assert [row[:2] for row in rows] == [[name, row["layer"]] for name, one in printed.items() for row in one["layers"]]
    assert [row[-1] for row in rows if row[:2] == ["eie", "alexnet-conv5"]] == ["did not run"]
    for row, one in zip(rows[-3:], printed["dcnn"]["layers"], strict=True):
        assert (row[2], row[8]) == (one["shape"], html.show(one["time_us"]))
    left_out = [
        [n, row["layer"], row["reason"]] for n, one in printed.items() for row in one["layers"] if row["reason"]
    ]
    assert tree.table("machine", "layer", "why") == left_out
    assert left_out[0][:2] == ["eie", "alexnet-conv5"]
    totals = {row[0]: row for row in tree.table("machine", "cycles")}
    assert totals["eie"][1] == f"{printed['eie']['common_total']['cycles']:,}"
    assert len(Tree(made["network"]).table("layer", "shape", "kind")) == 3


def test_a_studys_page_has_all_points_and_what_is_the_same_once(made):
    frame = study()
    rows = Tree(made["study"]).table("PEs", "workload", "cycles")
    shown = [(int(a), b, int(c.replace(",", "")), float(d), int(e)) for a, b, c, d, e in rows]
    columns = ["pes", "workload", "cycles", "time_us", "energy_uj"]
    expected = frame[columns].itertuples(index=False, name=None)
    for row, (*exact, time, energy) in zip(shown, expected, strict=True):
        assert row == (*exact, pytest.approx(time, rel=1e-4), energy)
    assert "200 points over PEs, workload." in made["study"]
    assert made["study"].count("<dt>seed</dt><dd>0</dd>") == 1
    assert axes_of(frame) == ["pes", "workload"]


def test_a_long_study_is_cut_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "MOST_CELLS", 5 * 120)
    page = write(tmp_path / "long.csv", study(200))
    assert len(Tree(page).table("PEs")) == 120
    assert "Those with the least and the greatest results, and others evenly: 120 of 200 rows" in page
    monkeypatch.setattr(parts, "MOST_ROWS", 50)
    assert "others evenly: 50 of 200 rows" in write(tmp_path / "long.csv", study(200))


@given(st.integers(0, 300), st.integers(1, 120), st.integers(0, 9))
def test_a_cut_study_keeps_its_best_and_worst_points_in_order(count, most, seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"pes": range(count), "cycles": rng.permutation(count), "energy_uj": rng.random(count)})
    shown = outstanding(frame, most)
    assert len(shown) == min(count, most)
    assert shown["pes"].is_monotonic_increasing
    assert shown["pes"].is_unique
    if most >= 8 and count:
        for name in ("cycles", "energy_uj"):
            assert {frame[name].min(), frame[name].max()} <= set(shown[name])


def test_ten_thousand_points_make_a_page_of_bounded_size(tmp_path):
    page = write(tmp_path / "big.csv", study(10_000))
    assert len(Tree(page).table("PEs")) == 10_000
    assert "The first" not in page
    assert len(page) < 6_000_000


@pytest.mark.parametrize("name", [EVIL, BREAKOUT])
def test_names_stay_text(printed, tmp_path, name):
    evil = {**printed["layer"], "workload": name, "title": name, "config": name, "notes": [name], "violations": [name]}
    evil["config_sources"] = {name: {"value": 1, "source": name}}
    evil["tables"] = [{"title": name, "columns": [name], "rows": [[name]]}]
    both = json.loads(json.dumps(printed["comparison"]))
    both["machines"][name] = both["machines"].pop("scnn")
    for one in both["machines"].values():
        one["layers"][0]["layer"] = name
    frame = study().assign(workload=name, pes=[name, "x"] * 100).rename(columns={"seed": name})
    for file, content in (("a.json", evil), ("b.json", both), ("c.csv", frame)):
        page = write(tmp_path / file, content)
        tree = Tree(page)
        assert [one.get("type") for one in tree.of("script")] == ["application/json", None][file == "c.csv" :]
        assert not tree.of("img")
        assert any(name in text for text in tree.texts)
        if file != "c.csv":
            (data,) = re.findall(r'id="data">(.*?)</script>', page)
            assert json.loads(data) == content


@given(st.text())
def test_any_text_in_a_cell_comes_back(text):
    grid = parts.make_grid(text, (text, "n"), [(text, 1.5), (text, None)])
    page = html.render(parts.Page(text, text, (parts.Section(text, (grid, parts.Sentences((text,)))),)), text)
    (table,) = Tree(page).tables
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    assert [[cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row] for row in table[1:]] == [
        [plain, "1.5"],
        [plain, "-"],
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (math.nan, "-"),
        (True, "yes"),
        (1234567, "1,234,567"),
        (1234.5678, "1,234.6"),
        (123456.78, "123,457"),
        (1.5e-7, "1.5e-07"),
        (-2.0, "-2"),
        (["a", 1000], "a; 1,000"),
    ],
)
def test_values_as_text(value, text):
    assert html.show(value) == text


def test_numbers_carry_what_their_text_rounds():
    grid = parts.make_grid("t", ("x", "y"), [(1 / 3, "1"), (5, "2"), (math.inf, "3"), (math.nan, "4")])
    page = html.render(parts.Page("p", "", (parts.Section("s", (grid,)),)), "")
    assert re.findall(r"<td class=n.*?</td>", page) == [
        '<td class=n data-v="0.3333333333333333">0.33333</td>',
        "<td class=n>5</td>",
        '<td class=n data-v="Infinity">inf</td>',
        "<td class=n>-</td>",
    ]
    assert parts.make_grid("t", ("x",), [(True,), (1,)]).numeric == (False,)
    assert parts.make_grid("t", ("x",), [(None,)]).numeric == (False,)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("time_us", "time (µs)"),
        ("pes", "PEs"),
        ("dram_bytes", "DRAM (bytes)"),
        ("us", "us"),
        ("frames_per_s", "frames/s"),
    ],
)
def test_labels_carry_units(key, text):
    assert label(key) == text


def test_the_front_holds_what_nothing_beats():
    frame = pd.DataFrame({"time": [1, 2, 2, 3, 4, 1], "energy": [9, 5, 4, 4, 1, 9]})
    best = pictures.front(frame, "time", "energy")
    assert sorted(best.itertuples(index=False, name=None)) == [(1, 9), (2, 4), (4, 1)]


def test_pictures_show_the_figures():
    bars = pictures.energy({"a_b": 1e3, "c": 3e3}).axes[0]
    assert [bar.get_width() for bar in bars.patches] == [1.0, 3.0]
    assert [label.get_text() for label in bars.get_yticklabels()] == ["a b", "c"]
    assert {"1 nJ, 25.0%", "3 nJ, 75.0%"} == {text.get_text() for text in bars.texts}
    shares = pictures.reasons({"PE": {"busy": 3, "idle": 1}, "none": {"x": 0}}).axes[0]
    assert [(bar.get_x(), bar.get_width()) for bar in shares.patches] == [(0, 75), (75, 25)]
    panels = pictures.layers(["p", "q"], {"time_us": {"m": [1.0, None]}, "energy_uj": {"m": [2.0, 3.0]}}).axes
    assert [len(panel.collections[0].get_offsets()) for panel in panels] == [1, 2]
    assert [panel.get_xlabel() for panel in panels] == ["time (µs)", "energy (µJ)"]
    medians = pictures.by_axes(study(), ["pes"], "time_us").axes[0].lines[0].get_ydata()
    assert list(medians) == list(study().groupby("pes")["time_us"].median())


def test_one_point_and_nothing_at_all(tmp_path):
    page = write(tmp_path / "one.csv", study(1))
    assert "1 point." in page
    assert not Tree(page).of("svg")
    still = {**layer(), "energy_pj": {"a": 0.0, "total": 0.0}}
    assert Tree(write(tmp_path / "a.json", still)).of("svg")


def test_what_logarithmic_axes_cannot_show_is_not_drawn(tmp_path, monkeypatch):
    drawn = []
    trade, by_axes = pictures.trade, pictures.by_axes
    monkeypatch.setattr(pictures, "trade", lambda frame, *more: drawn.append(frame) or trade(frame, *more))
    monkeypatch.setattr(pictures, "by_axes", lambda frame, *more: drawn.append(frame) or by_axes(frame, *more))
    frame = study().astype({"energy_uj": float})
    frame.loc[3, "energy_uj"], frame.loc[4, "time_us"] = math.nan, 0.0
    write(tmp_path / "a.csv", frame)
    assert [sorted(set(range(200)) - set(one.index)) for one in drawn] == [[3, 4], [3, 4]]
    page = write(tmp_path / "b.csv", frame.assign(time_us=math.nan))
    assert not Tree(page).of("svg")
    assert len(Tree(page).table("PEs")) == 200


def test_failed_points_are_rows_and_no_dots(tmp_path):
    frame = study().astype({"cycles": float})
    frame.loc[3, ["cycles", "time_us", "energy_uj"]] = math.nan
    page = write(tmp_path / "failed.csv", frame)
    assert Tree(page).table("PEs")[3][2:] == ["-", "-", "-"]


class Published:
    """What of the papers stands on a page."""

    @staticmethod
    def rows(printed):
        section = paper.published(printed)
        return {} if section is None else {(row[1], row[3]): row[4:6] for row in section.blocks[1].rows}


@pytest.fixture(scope="module")
def fc8():
    return layer("alexnet-fc8", 1)


def test_a_layer_of_eies_paper_stands_beside_it(fc8):
    rows = Published.rows(fc8)
    assert rows["Table IV", "theoretical_us"] == (8.9, fc8["theoretical_us"])
    assert rows["Table IV", "actual_us"] == (9.9, fc8["time_us"])
    assert rows["Fig 8", "load_balance_percent"] == (89.2, 100 * fc8["load_balance"])
    assert rows["Fig 12", "real_over_total_work_percent"] == (100, 100 * fc8["work_efficiency"])
    deeper = layer("alexnet-fc8", 1, queue_depth=2)
    assert set(Published.rows(deeper)) == {("Fig 8", "load_balance_percent")}
    assert Published.rows(deeper)["Fig 8", "load_balance_percent"][0] == 69.2
    assert Published.rows(layer("alexnet-fc8", 1, queue_depth=3)) == {}


def test_only_the_papers_layer_stands_beside_the_paper(fc8):
    for change in (
        {"workload_source": "alexnet-fc8.npz"},
        {"workload": "own"},
        {"inputs": 4095},
        {"weight_density": fc8["weight_density"] * 1.03},
        {"activation_density": fc8["activation_density"] * 0.97},
        {"changes": {"index_bits": 5}},
        {"config": "own"},
        {"machine": "own"},
    ):
        assert Published.rows({**fc8, **change}) == {}, change
    assert Published.rows(layer("alexnet-fc8", 0.2)) == {}


def test_eses_layer_stands_beside_its_paper():
    printed = simulate("ese", "google-lstm").to_dict()
    rows = Published.rows(printed)
    assert rows["Table 8", "theoretical_us"] == (57.0, printed["theoretical_us"])
    assert rows["Table 8", "real_us"] == (82.7, printed["time_us"])
    assert rows["Table 9", "power_w"] == (41, printed["power_mw"] / 1000)
    assert rows["Table 9", "speed_ratio"] == (3.48, 287.4 / printed["time_us"])
    assert ("Table 8", "gops") not in rows
    for change in ({"time_steps": 2}, {"changes": {"pes": 16}}, {"weight_density": 0.2}):
        assert Published.rows({**printed, **change}) == {}


def convolutions(times):
    return [
        {"layer": f"alexnet-{name}", "kind": kind, "reason": None, "time_us": time, "energy_uj": 2 * time}
        for (name, kind), time in zip(
            [*((f"conv{n}", "convolution") for n in range(1, 6)), *((f"fc{n}", "fully connected") for n in (6, 7, 8))],
            times,
            strict=True,
        )
    ]


def test_scnns_networks_stand_beside_its_paper():
    plain = {"scale": 1.0, "density": None, "activation_density": None, "granularity": 0, "seed": 0}
    machines = {
        "ours": {"machine": "scnn", "config": "scnn_8x8", "changes": {}, "layers": convolutions([1.0] * 8)},
        "theirs": {"machine": "dcnn", "config": "dcnn", "changes": {}, "layers": convolutions([3.0] * 5 + [99.0] * 3)},
    }
    names = [row["layer"] for row in machines["ours"]["layers"]]
    printed = {"workload": "alexnet", "machines": machines, "layers": names, "options": plain}
    assert Published.rows(printed) == {
        ("Fig 9, networks", "speed_up_over_dcnn"): (2.37, 3.0),
        ("Fig 11, networks", "energy_gain_over_dcnn"): (2.04, 3.0),
    }
    for change in (
        {"options": {**plain, "scale": 0.5}},
        {"options": None},
        {"layers": names[1:]},
        {"workload": "vgg16"},
        {"machines": {"ours": machines["ours"]}},
        {"machines": {**machines, "ours": {**machines["ours"], "changes": {"rows": 4}}}},
    ):
        assert Published.rows({**printed, **change}) == {}, change


BAD = {
    "another ending": ("a.json", "{}", "a.htm", "a.htm: it ends with '.htm'; expected a name that ends with .html"),
    "no JSON": ("a.json", "no", "a.html", "a.json: it is no JSON"),
    "not a number": ("a.json", '{"a": NaN}', "a.html", "a.json: it is no JSON (NaN is no number of JSON)"),
    "too deep": ("a.json", "[" * 100_000, "a.html", "a.json: it is no JSON"),
    "a list": ("a.json", "[]", "a.html", "a.json: it holds a list; expected what `run --json`, `compare --json`"),
    "weights": (
        "net.npz",
        "PK",
        "a.html",
        "net.npz: it is a workload (.npz), not the result of one; expected what `run",
    ),
    "a network": ("net.onnx", "no", "a.html", "net.onnx: it is a workload (.onnx), not the result of one"),
    "stages": (
        "a.json",
        '{"layers": [], "skipped": []}',
        "a.html",
        "a.json: it is JSON of `compress`, and of no layer",
    ),
    "a timeline": ("a.json", '{"traceEvents": [], "otherData": {}}', "a.html", "it is a timeline of `trace`, and no"),
    "a study of training": ("a.json", '{"points": []}', "a.html", "it is JSON, but of no layer, network or comparison"),
    "half a layer": (
        "a.json",
        '{"machine": "eie", "config": "c", "cycles": 1, "counts": {}, "energy_pj": {}, "arch": {}}',
        "a.html",
        "a.json: it is damaged, as '",
    ),
    "an empty table": ("a.csv", "", "a.html", "a.csv: it is no table (No columns to parse from file)"),
    "too many columns": (
        "a.csv",
        "a" + "," * 10_000 + "\n1\n",
        "a.html",
        "a.csv: a line of it has 10,000 commas; expected at most 10,000 columns",
    ),
    "heads only": ("a.csv", "pes,cycles\n", "a.html", "a.csv: it has no rows"),
    "a ragged table": ("a.csv", "a,b\n1,2\n1,2,3\n", "a.html", "a.csv: it is no table"),
}


def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "s.db").write_bytes(b"SQLite format 3\0\xff")
    for name, sentence in (("s.db", "it is no store"), ("none.json", "there is no such file")):
        with pytest.raises(InputError, match=sentence) as caught:
            build(tmp_path / name)
        assert str(caught.value).count("expected") == 1


def test_a_column_of_a_long_table_has_one_type(tmp_path):
    """pandas reads long tables in parts, and warns where a column's type differs between them."""
    path = tmp_path / "a.csv"
    path.write_text("pes,notes\n" + "1,2\n" * 300_000 + "1,none\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = read_file(path).content
    assert set(frame.notes) == {"2", "none"}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case, tmp_path):
    name, text, output, sentence = BAD[case]
    (tmp_path / name).write_text(text)
    done = CliRunner().invoke(app, ["report", str(tmp_path / name), "-o", str(tmp_path / output)])
    assert isinstance(done.exception, InputError), done.output
    assert sentence in str(done.exception)
    assert not (tmp_path / output).exists()


def test_the_commands_from_a_run_to_a_page(tmp_path):
    run = CliRunner().invoke(app, ["run", "scnn", "alexnet", "--scale", "0.05", "--json"])
    printed = json.loads(run.stdout)
    assert printed["options"] == {
        "seed": 0, "scale": 0.05, "activation_density": None, "density": None, "granularity": 0,
    }  # fmt: skip
    (tmp_path / "a.json").write_text(run.stdout)
    done = CliRunner().invoke(app, ["report", str(tmp_path / "a.json"), "-o", str(tmp_path / "a.html")])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "alexnet on scnn_8x8" in page
    assert "<dt>scale</dt><dd>0.05</dd>" in page
    assert "Made by zeroskip" in page


def test_a_change_by_name_stands_in_the_title(tmp_path):
    config = load_arch("eie", dram="ddr3_1600", pes=16, dram_energy="data_sheet")
    printed = simulate(config, load_workload("nt-we", scale=0.05)).to_dict()
    write(tmp_path / "run.json", printed)
    page = build(tmp_path / "run.json")
    assert "dram = ddr3_1600, pes = 16, dram_energy = data_sheet" in page
    assert {"DRAM core", "DRAM I/O", "DRAM standby"} <= {row[0] for row in Tree(page).table("component")}
