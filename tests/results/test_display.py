"""Results in Python: as text, in a notebook, as pictures, as files, at other prices."""

import json
from html.parser import HTMLParser

import numpy as np
import pytest

import zeroskip as zs
from simulator.display.blocks import MOST_ROWS, MOST_SENTENCES
from simulator.plots import KINDS
from simulator.pricing.energy import by_component

SMALL = 0.03


@pytest.fixture(scope="module")
def results():
    """One of each: of a layer, of a network, of machines side by side."""
    return {
        "layer": zs.simulate("eie", "alexnet-fc8", scale=SMALL),
        "network": zs.run("scnn", "alexnet", scale=SMALL),
        "single": zs.run("eie", "alexnet-fc8", scale=SMALL),
        "comparison": zs.compare(["eie", "dcnn"], "alexnet", scale=SMALL),
    }


class Text(HTMLParser):
    """The text of a page, and its tags as they open and close."""

    def __init__(self):
        super().__init__()
        self.open, self.text = [], ""

    def handle_starttag(self, tag, _):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += f"{data} "


def test_a_layer_prints_its_figures(results):
    result = results["layer"]
    lines = str(result).split("\n")
    assert lines[0] == "alexnet-fc8 on eie_64pe"
    facts = dict(line.strip().split("  ", 1) for line in lines[1 : lines.index("")])
    assert facts["cycles"].strip() == f"{result.cycles:,}"
    assert facts["time"].strip() == f"{result.time_us:,.5g} us at 800 MHz"
    assert facts["energy"].strip() == f"{result.energy_uj:,.5g} uJ"
    assert facts["output"].strip() == "equal to the reference kernel's"
    table = [
        line.split() for line in lines[lines.index("") + 2 :] if line and not line.startswith(("  note: ", "    "))
    ]
    energy = {name: pj for name, pj in by_component(result.energy).items() if pj and name != "total"}
    assert [row[0] for row in table] == list(energy)
    assert [float(row[1]) for row in table] == pytest.approx([pj / 1000 for pj in energy.values()], rel=1e-4, abs=1e-4)
    assert len(lines) < 20
    assert str(results["single"]) == str(result) == repr(result)


def test_a_network_prints_its_layers_and_total(results):
    text = str(results["network"])
    assert "layers   8 of 8 ran, inputs drawn" in text
    for row in results["network"].rows:
        assert f"{row.layer}" in text
        assert f"{row.cycles:,}" in text
    assert f"cycles   {results['network'].total().cycles:,}" in text


def test_a_comparison_prints_ratios_and_what_did_not_run(results):
    comparison = results["comparison"]
    rows = [line.split() for line in str(comparison).split("\n")]
    ratios = comparison.ratios("eie", "alexnet-fc8")
    assert next(row for row in rows if row[-2:] == [f"{one:.2f}x" for one in ratios])[:2] == ["alexnet-fc8", "eie"]
    assert "did not run: eie_64pe runs no convolution layers" in " ".join(str(comparison).split())


def test_a_long_result_is_cut_and_says_so(results):
    network = results["network"]
    notes = [f"note {chr(ord('a') + n)}{chr(ord('a') + n)}" for n in range(MOST_ROWS + 3)]  # not merged: no numbers
    rows = tuple(network.rows[0]._replace(layer=f"layer {n}", notes=(note,)) for n, note in enumerate(notes))
    text = str(network._replace(rows=rows))
    assert f"layer {MOST_ROWS - 1} " in text
    assert f"layer {MOST_ROWS} " not in text
    assert "and 3 more rows: `to_frame()`" in text
    assert f"{len(rows) - MOST_SENTENCES} more: `notes()`" in text


@pytest.mark.parametrize("of", ["layer", "network", "single", "comparison"])
def test_a_notebook_shows_the_same(results, of):
    page = Text()
    page.feed(results[of]._repr_html_())
    assert page.open == []
    shown = set(page.text.split())
    assert {word for word in str(results[of]).split() if word != "note:"} - shown <= {"and"}


def test_names_are_escaped():
    result = zs.simulate("eie", np.eye(4), np.ones(4), name="<b>&")
    assert "<b>" not in result._repr_html_()
    assert "&lt;b&gt;&amp;" in result._repr_html_()


def test_notes_are_all_that_json_has_and_what_does_not_fit():
    result = zs.simulate(zs.load_arch("eie", pes=1, spmat_bytes=64), np.ones((64, 64)))
    content = result.to_dict()
    assert content["violations"]
    assert content["notes"]
    assert result.notes() == [*(f"does not fit: {one}" for one in content["violations"]), *content["notes"]]
    for note in result.notes():
        assert f"note: {note}" in " ".join(str(result).split())
    assert max(map(len, str(result).splitlines())) <= 100


@pytest.mark.parametrize("of", ["layer", "network", "single", "comparison"])
@pytest.mark.parametrize("kind", ["energy", "roofline"])
def test_pictures(results, of, kind, tmp_path):
    from matplotlib.figure import Figure

    from simulator.plots import draw

    figure = results[of].plot(kind)
    assert isinstance(figure, Figure)
    results[of].save(tmp_path / "a.json")
    axes = draw([tmp_path / "a.json"], kind)
    drawn = axes[0] if isinstance(axes, list) else axes
    texts = [
        [text.get_text() for text in one.findobj(match=lambda a: hasattr(a, "get_text"))]
        for one in (figure, drawn.figure)
    ]
    assert texts[0] == texts[1]


def test_a_picture_that_is_none_lists_those_there_are(results):
    with pytest.raises(zs.InputError, match=f"kind is 'x'; expected one of {', '.join(KINDS)}"):
        results["layer"].plot("x")
    with pytest.raises(zs.InputError, match="alexnet-fc8 on eie_64pe: granularity needs network, .*; expected `study"):
        results["layer"].plot("granularity")


@pytest.mark.parametrize("of", ["layer", "network", "single", "comparison"])
def test_files(results, of, tmp_path):
    for ending in ("json", "csv", "html"):
        results[of].save(tmp_path / f"a.{ending}")
    written = json.loads((tmp_path / "a.json").read_text())
    assert written == json.loads(json.dumps(results[of].to_dict()))
    assert (tmp_path / "a.csv").read_text() == results[of].to_frame().to_csv(index=False)
    from simulator.html import build

    assert (tmp_path / "a.html").read_text() == build(tmp_path / "a.json").replace("a.json", "a.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.html", "a.json"]


def test_files_that_cannot_be_written(results, tmp_path):
    for path, sentence in (
        ("a.txt", "a.txt: it ends with '.txt'; expected a name that ends with .json or .csv or .html"),
        (tmp_path / "none" / "a.json", "none/a.json: it cannot be written .*; expected a place to write to"),
        (5, "path is 5; expected a name"),
    ):
        with pytest.raises(zs.InputError, match=sentence):
            results["layer"].save(path)
    (tmp_path / "a.json").write_text("old")
    broken = results["network"]._replace(options={"seed": float("nan")})
    with pytest.raises(ValueError, match="JSON"):
        broken.save(tmp_path / "a.json")
    assert (tmp_path / "a.json").read_text() == "old"


def names(result):
    """The short names of events: `static` is that of several components."""
    return [line.event if line.event != "static" else f"{line.component}.static" for line in result.energy]


@pytest.mark.parametrize("factor", [0, 1, 3])
def test_prices_of_a_dictionary(results, factor):
    result = results["layer"]
    prices = {name: factor * line.pj_each for name, line in zip(names(result), result.energy, strict=True)}
    full = {
        f"{line.component}.{line.event}": prices[name] for name, line in zip(names(result), result.energy, strict=True)
    }
    for given in (prices, full):
        priced = zs.price_with(result, given)
        assert priced.energy_uj == pytest.approx(factor * result.energy_uj, rel=1e-12)
        assert priced.cycles == result.cycles
        assert priced.notes() == ["all energies are priced by prices", *result.notes()]
        assert [line.energy_pj for line in zs.simulate("eie", "alexnet-fc8", scale=SMALL, prices=given).energy] == [
            line.energy_pj for line in priced.energy
        ]
        assert zs.run("eie", "alexnet-fc8", scale=SMALL, prices=given).energy_uj == priced.energy_uj
        assert zs.price_with(results["single"], given).energy_uj == priced.energy_uj
        assert zs.price_with(results["single"], given).single.energy == priced.energy


def test_prices_of_a_network(results):
    network = results["network"]
    lines = network.rows[0].details["energy_lines"]
    prices = {f"{line['component']}.{line['event']}": 2 * line["pj_each"] for line in lines}
    priced = zs.price_with(network, prices)
    assert priced.energy_uj == pytest.approx(2 * network.energy_uj, rel=1e-12)
    assert [row.edp_uj_us for row in priced.rows] == [row.energy_uj * row.time_us for row in priced.rows]
    again = zs.run("scnn", "alexnet", scale=SMALL, prices=prices)
    assert [row.to_dict() for row in again.rows] == [row.to_dict() for row in priced.rows]
    assert [row.details["energy_pj"] for row in again.rows] == [row.details["energy_pj"] for row in priced.rows]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mac": 1}, "prices: 'mac' is no event; expected a price in pJ of each of act_queue.static, .*, broadcasts, "),
        ({"static": 1}, "prices: 'static' is no event; expected"),
        ({3: 1}, "prices: 3 is no event; expected"),
        ({"broadcasts": None}, "prices: broadcasts, entries is not given; expected a price in pJ of every event"),
        ({"broadcasts": -1}, "prices: broadcasts is -1; expected a number of pJ from 0 to 1e"),
        ({"broadcasts": "1"}, "prices: broadcasts is '1'; expected a number of pJ"),
        ({"broadcasts": float("nan")}, "prices: broadcasts is nan; expected a number of pJ"),
        ({"lnzd.broadcasts": 1}, "prices: lnzd.broadcasts is given twice; expected one price of each event"),
    ],
)
def test_wrong_prices(results, change, sentence):
    prices = {**dict.fromkeys(names(results["layer"]), 1.0), **change}
    if prices["broadcasts"] is None:
        del prices["broadcasts"], prices["entries"]
    with pytest.raises(zs.InputError, match=sentence):
        zs.price_with(results["layer"], prices)


def test_what_is_no_table_of_prices():
    with pytest.raises(zs.InputError, match="prices: it is 5; expected a dictionary of pJ by event"):
        zs.run("eie", "nt-we", scale=SMALL, prices=5)
    with pytest.raises(zs.InputError, match="result is 5; expected a result"):
        zs.price_with(5, {})
