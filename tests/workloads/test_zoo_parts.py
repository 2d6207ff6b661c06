"""The zoo's files are read in parts, as if each were parsed whole."""

import pytest

from workloads.sources.zoo.parts import ParsedWhenAsked, ZooPart, zoo_folder, zoo_parts
from workloads.sources.zoo.recipes import NETWORKS, read_recipes, zoo
from workloads.yaml_files import parse_yaml

FILES = sorted(file.name for file in zoo_folder().iterdir() if file.name.endswith(".yaml"))


@pytest.mark.parametrize("name", FILES)
def test_the_parts_of_a_file_are_what_it_holds(name):
    file = zoo_folder() / name
    whole = parse_yaml(name, file.read_text(encoding="utf-8"))
    parts = {key: parse_yaml(name, part.text) for key, part in zoo_parts(file).items()}
    assert parts == {key: {key: content} for key, content in whole.items()}
    assert list(parts) == list(whole)


def test_the_zoo_has_the_recipes_of_all_files():
    expected = {}
    for name in FILES:
        if name not in (NETWORKS, "distributions.yaml", "patches.yaml"):
            expected |= read_recipes(name, (zoo_folder() / name).read_text(encoding="utf-8"))
    assert dict(zoo()) == expected
    assert list(zoo()) == list(expected)


def test_a_part_is_parsed_once_and_only_when_asked_for():
    asked = []
    parts = {"a": ZooPart(zoo_folder(), "1"), "b": ZooPart(zoo_folder(), "2")}
    found = ParsedWhenAsked(parts, lambda name, part: asked.append(name) or part.text)
    assert ("a" in found, "c" in found, len(found), list(found), asked) == (True, False, 2, ["a", "b"], [])
    assert (found["b"], found["b"], asked) == ("2", "2", ["b"])
    with pytest.raises(KeyError):
        found["c"]
