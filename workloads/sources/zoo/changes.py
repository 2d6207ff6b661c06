"""A recipe with some of its numbers changed: any key of it, by its path or by the last part of that."""

from collections.abc import Iterator
from difflib import get_close_matches

from workloads.document_types import Fields
from workloads.errors import InputError
from workloads.kinds.kind import AnyRecipe
from workloads.sources.zoo.checked import checked_recipe

GIVEN = "given"
"""The source of a number that a user changed."""
NOT_DRAWN = ("about", "source", "stored")
"""What a recipe says and no layer is drawn after."""


def recipe_keys(recipe: AnyRecipe) -> dict[str, tuple[str, ...]]:
    """What can be changed: `weights.row_scale`, and `row_scale` where no other path ends so -> the path."""
    paths = list(_paths(recipe.model_dump(), ()))
    ends = [path[-1] for path in paths]
    short = {path[-1]: path for path in paths if ends.count(path[-1]) == 1}
    return {**short, **{".".join(path): path for path in paths}}


def change_recipe(name: str, recipe: AnyRecipe, changes: Fields) -> AnyRecipe:
    """The recipe with other numbers, checked as a file's are. InputError names an unknown key or a bad value."""
    if not changes:
        return recipe
    known, content = recipe_keys(recipe), recipe.model_dump()
    for key, value in changes.items():
        if key not in known:
            near = get_close_matches(key, known, 1) or [one for one in known if "." not in one]
            raise InputError(f"{name}: {key} is no key of its recipe; expected {' or '.join(near)}")
        *folders, last = known[key]
        place = content
        for folder in folders:
            place = place[folder]
        if isinstance(place[last], dict):
            place[last] = {"value": value, "source": GIVEN}
        else:
            place[last] = bool(value) if isinstance(place[last], bool) and _is_switch(value) else value
    return checked_recipe(f"{name} with changes", type(recipe), content)


def _is_switch(value: object) -> bool:
    """Whether a number is 0 or 1, which a command line gives for False and True."""
    return isinstance(value, int | float) and value in (0, 1)


def _paths(content: Fields, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The paths of all numbers and words that decide what is drawn."""
    for key, value in content.items():
        if key in NOT_DRAWN:
            continue
        if isinstance(value, dict) and "value" not in value:
            yield from _paths(value, (*above, key))
        else:
            yield (*above, key)
