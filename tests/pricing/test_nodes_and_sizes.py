"""What prices are of: their technology node, and the sizes of memories that they do not follow."""

import json

import pytest
from typer.testing import CliRunner

from simulator.cli import app
from simulator.config.load import load_arch, parse_file, shipped
from simulator.config.sram_sizes import follows
from simulator.pricing.energy import area_mm2
from workloads.errors import InputError
from zeroskip import load_workload, simulate

EIE = shipped()["eie_64pe"]
SCNN = shipped()["scnn_8x8"]


def own(tmp_path, *replacements, text=EIE):
    """A configuration with pieces of its text replaced, as a user's file."""
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    path = tmp_path / "own.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("name", shipped())
def test_results_keep_the_nodes_that_files_say(name):
    file, technology = parse_file(name, shipped()[name]).technology, load_arch(name).technology
    assert technology.energy_node_nm == file.prices_nm.value
    assert technology.node_nm == (file.area_nm or file.prices_nm).value
    sources = load_arch(name).describe_sources()
    assert sources["prices_nm"] == {"value": file.prices_nm.value, "source": file.prices_nm.source}
    assert sources["node_nm"]["value"] == technology.node_nm


@pytest.mark.parametrize(
    ("replacements", "sentence"),
    [
        (
            [("prices_nm: {value: 45", "prices_nm: {value: 28")],
            "own.yaml: technology: prices_nm is 28, and static_mw.act_queue is that of eie_64pe, at 45 nm; "
            "expected prices_nm 45, or numbers of 28 nm, each with its source",
        ),
        (
            [("  prices_nm: {value: 45", "  area_nm: {value: 28, source: x}\n  prices_nm: {value: 45")],
            "own.yaml: technology: area_nm is 28, and area_um2.act_queue is that of eie_64pe, at 45 nm",
        ),
        (
            [("  prices_nm:", '  node_nm: {value: 28, source: "x"}\n  prices_nm:')],
            "own.yaml: technology.node_nm: it is given with prices_nm; expected prices_nm, and area_nm where",
        ),
        ([("  prices_nm: {value: 45", "  node_nm: {value: 28")], "prices_nm is 28, and static_mw.act_queue is that of"),
        ([("  prices_nm:", "  # prices_nm:")], "own.yaml: technology.prices_nm is missing"),
    ],
)
def test_another_nodes_prices_are_not_relabelled(tmp_path, replacements, sentence):
    with pytest.raises(InputError) as refused:
        load_arch(own(tmp_path, *replacements))
    assert sentence in str(refused.value)


def test_own_prices_may_be_of_any_node(tmp_path):
    """A price counts as copied where number and source are the same; a source of its own makes it another one."""
    lines = [line.replace('source: "', 'source: "28 nm, ') if "value:" in line else line for line in EIE.split("\n")]
    text = "\n".join(lines).replace("prices_nm: {value: 45", "prices_nm: {value: 28")
    text = text.replace('source: "paper, Fig 9', 'source: "28 nm, paper, Fig 9')
    text = text.replace('source: "both banks', 'source: "28 nm, both banks')
    text = text.replace('source: "CACTI 7, 32 KB, 45', 'source: "28 nm, CACTI 7, 32 KB, 45')
    assert load_arch(own(tmp_path, text=text)).technology.energy_node_nm == 28


def test_the_old_keys_are_read_with_a_note(tmp_path):
    config = load_arch(own(tmp_path, ("  prices_nm:", "  node_nm:")))
    assert (config.technology.node_nm, config.technology.energy_node_nm) == (45, 45)
    (note,) = config.notes
    assert note.endswith("own.yaml: technology.node_nm is read as prices_nm, which replaced it")
    config = load_arch(own(tmp_path, ("  prices_nm:", "  energy_node_nm:"), ("  area_nm:", "  node_nm:"), text=SCNN))
    assert (config.technology.node_nm, config.technology.energy_node_nm) == (16, 45)
    assert "technology.node_nm and energy_node_nm is read as prices_nm (of the prices)" in config.notes[0]
    assert simulate(config, load_workload("vgg16-conv5_1", scale=0.05)).to_dict()["notes"][0] == config.notes[0]


def size_notes(config):
    return [note for note in config.notes if "do not follow" in note]


def test_a_size_that_published_prices_do_not_follow_is_named():
    assert size_notes(load_arch("eie", spmat_bytes=65536, queue_depth=4)) == [
        "spmat_bytes is 65536: energy and area are priced for 131072 and do not follow it; those of eie_cacti do"
    ]
    assert size_notes(load_arch("eie_cacti", spmat_bytes=65536)) == []
    assert size_notes(load_arch("eie", spmat_bytes=131072, pes=16)) == []
    shown = CliRunner().invoke(app, ["run", "eie", "nt-we", "--scale", "0.02", "--set", "pointer_bytes=512", "--json"])
    assert any(note.startswith("pointer_bytes is 512: energy and area") for note in json.loads(shown.stdout)["notes"])


@pytest.mark.parametrize("name", shipped())
def test_the_note_says_whether_a_price_changes(name):
    """Law: a size with a note changes no price and no area; one without a note and without an array changes them."""
    plain, file = load_arch(name), parse_file(name, shipped()[name])
    sized = [key for array in file.technology.srams.values() for key in (array.capacity, array.width)]
    keys = {key for one in sized for key in (one if isinstance(one, list) else [one]) if isinstance(key, str)}
    for key in [key for key in file.arch if key.endswith("_bytes")]:
        other = load_arch(name, **{key: 2 * file.arch[key].value})
        same = plain.technology._replace(clock_mhz=0) == other.technology._replace(clock_mhz=0)
        assert bool(size_notes(other)) == same, key
        assert follows(file, key) == (key in keys)


def test_a_size_in_an_own_file_is_compared_with_what_its_prices_are_of(tmp_path):
    path = own(tmp_path, ("spmat_bytes: {value: 131072", "spmat_bytes: {value: 65536"))
    assert size_notes(load_arch(path)) == [
        "spmat_bytes is 65536: energy and area are priced for 131072 and do not follow it; those of eie_cacti do"
    ]
    assert len(size_notes(load_arch(path, spmat_bytes=4096))) == 1
    assert size_notes(load_arch(own(tmp_path))) == []


def test_a_machine_without_areas_has_no_area():
    config = load_arch("ese", channels=1, pes=2)
    assert area_mm2({"pe": 2}, config.technology) is None
    result = simulate(config, load_workload("google-lstm", scale=0.02))
    assert result.area_mm2 is None
    assert result.to_dict()["area_mm2"] is None
    asked = simulate(load_arch("ese", channels=1, pes=2, node_nm=16), load_workload("google-lstm", scale=0.02)).at_node
    assert asked["area_mm2"] is None
    assert {one["area_mm2"]["total"] for one in asked["sets"].values()} == {None}


def test_an_array_that_leaks_draws_its_power_in_each_unit(tmp_path):
    """2 mW an array, as the file gives it, in place of the table's."""
    text = shipped()["eie_cacti"]
    begin = text.index("    spmat: {")
    line = text[begin : text.index("\n", begin)]
    given = line.removesuffix("}") + ', leakage_mw: {value: 2.0, source: "a data sheet"}}'
    config = load_arch(own(tmp_path, (line, given), text=text))
    (share,) = [one for one in config.technology.static_mw if "a data sheet" in one.source]
    assert (share.value, share.leakage) == (2.0, True)
    result = simulate(config, load_workload("alexnet-fc8", scale=0.02))
    (energy,) = [line for line in result.energy if line.leakage and "a data sheet" in line.source]
    assert energy.energy_pj == pytest.approx(2.0 * 1e9 * result.units[share.per] * result.run.cycles / 800e6)
