"""Trees as data: the parent of each chip and of each switch, from which channels and routes follow."""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from workloads.errors import refuse
from workloads.yaml_files import shorten

Parents = tuple[tuple[str, str], ...]
"""A node and its parent, each; chips are called by their numbers, everything else is a switch."""
MOST_NODES = 4096


def check_parents(where: object, parents: Parents, chips: int) -> None:
    """InputError where the nodes are no tree, a chip is missing, or there is one too many."""
    above = dict(parents)
    names = list(dict.fromkeys(name for pair in parents for name in pair))
    if len(names) > MOST_NODES:
        refuse(where, f"its tree has {len(names):,} nodes", f"at most {MOST_NODES:,}")
    if len(above) < len(parents):
        twice = next(name for name, many in Counter(name for name, _ in parents).items() if many > 1)
        refuse(where, f"its tree has {shorten(twice, 40)} twice", "one parent of each")
    numbers = {name for name in names if name.isdecimal()}
    missing = [str(chip) for chip in range(chips) if str(chip) not in numbers]
    if missing:
        refuse(where, f"its tree has no chip {missing[0]}", f"chips 0 to {chips - 1}")
    extra = sorted(numbers - {str(chip) for chip in range(chips)})
    if extra:
        refuse(where, f"its tree has a chip {shorten(extra[0], 20)}", f"chips 0 to {chips - 1}")
    roots = [name for name in names if name not in above]
    _check_paths(where, above)
    if len(roots) != 1:
        refuse(where, f"its tree has {len(roots)} roots ({shorten(', '.join(roots), 60)})", "one node without a parent")


def _check_paths(where: object, above: Mapping[str, str]) -> None:
    """InputError where the way up from a node comes back to a node on it."""
    ends = set[str]()  # nodes whose way up ends
    for name in above:
        path, node = dict[str, None](), name
        while node in above and node not in ends:
            if node in path:
                refuse(
                    where, f"its tree goes round in a circle at {shorten(node, 40)}", "parents that lead to one root"
                )
            path[node] = None
            node = above[node]
        ends.update(path)


@lru_cache(maxsize=4)
def _ways_up(parents: Parents) -> list[tuple[int, ...]]:
    """The links from each chip to the root; a link has the number of the node below it."""
    above = dict(parents)
    numbers = {name: number for number, (name, _) in enumerate(parents)}
    chips = sum(name.isdecimal() for name in {*above, *above.values()})
    return [_way_up(numbers, above, str(chip)) for chip in range(chips)]


def tree_channels(parents: Parents, full_duplex: bool) -> tuple[str, ...]:
    """Link i joins node i and its parent: channels 2 i (up) and 2 i + 1 (down), or i for both directions."""
    if full_duplex:
        return tuple(name for one, two in parents for name in (f"{one}->{two}", f"{two}->{one}"))
    return tuple(f"{one}<->{two}" for one, two in parents)


def tree_route(parents: Parents, full_duplex: bool, source: int, target: int) -> tuple[int, ...]:
    """Up to the first node that both are below, then down."""
    ways = _ways_up(parents)
    up, down = ways[source], ways[target]
    shared = 0  # links above the node where both ways meet, which are the last of both
    most = min(len(up), len(down))
    while shared < most and up[-1 - shared] == down[-1 - shared]:
        shared += 1
    rising, falling = up[: len(up) - shared], down[: len(down) - shared][::-1]
    if full_duplex:
        return (*(2 * link for link in rising), *(2 * link + 1 for link in falling))
    return rising + falling


def _way_up(numbers: Mapping[str, int], above: Mapping[str, str], node: str) -> tuple[int, ...]:
    """The links from a node to the root."""
    found = list[int]()
    while node in above:
        found.append(numbers[node])
        node = above[node]
    return tuple(found)
