"""Lines of boofuzz: the set commands as requests of its own building blocks, and its own mutations of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random

from boofuzz import Block, Delim, DWord, Fuzzable, Request, Static, String
from boofuzz.mutation_context import MutationContext

_LONGEST = 4096
"""Bytes of a mutated string at most: as far as our own lines go."""
_TOPIC = "/benchpk/bench-dn/user/a"
_COMMANDS: dict[str, tuple[str | int, ...]] = {
    "ALYPRODUCTKEY": ("benchpk",),
    "ALYDEVICENAME": ("bench-dn",),
    "ALYDEVICESECRET": ("bench-ds",),
    "ALYPRODUCTSECRET": ("bench-ps",),
    "ALYCONNECTCFG": (4, 4884, 1),
    "ALYMQTTCFG": (1, 2000, 60000),
    "ALYMQTTSUB": (_TOPIC, 1),
    "ALYMQTTUNSUB": (_TOPIC,),
    "ALYMQTTPUB": (_TOPIC, 1, '{"a":1}'),
}
"""The set commands with valid arguments."""


def requests() -> list[Request]:
    """Each set command; those with numbers twice, with the numbers as numbers and as text."""
    as_text = [name for name, arguments in _COMMANDS.items() if any(isinstance(value, int) for value in arguments)]
    return [_request(name, numbers=True) for name in _COMMANDS] + [_request(name, numbers=False) for name in as_text]


def _request(name: str, *, numbers: bool) -> Request:
    children: list[Fuzzable] = [
        Static(name="at", default_value=b"AT"),
        Delim(name="plus", default_value="+"),
        String(name="word", default_value=name, max_len=_LONGEST),
        Delim(name="equals", default_value="="),
    ]
    for place, value in enumerate(_COMMANDS[name]):
        if place:
            children.append(Delim(name=f"comma-{place}", default_value=","))
        children.append(Block(name=f"argument-{place}", children=[*_argument(value, numbers=numbers)]))
    return Request(name if numbers else f"{name}-text", children=children)


def _argument(value: str | int, *, numbers: bool) -> Iterator[Fuzzable]:
    if isinstance(value, int):
        if numbers:
            yield DWord(name="number", default_value=value, output_format="ascii", signed=True)
        else:
            yield String(name="text", default_value=str(value), max_len=_LONGEST)
        return
    yield Delim(name="opening", default_value='"')
    yield String(name="string", default_value=value.replace('"', '\\"'), max_len=_LONGEST)
    yield Delim(name="closing", default_value='"')


def lines(count: int, chosen_by: int) -> Iterator[bytes]:
    """So many of all mutations, one at a time in a line, in random order: in its own order the first thousands would
    all be of one field of one command."""
    made = requests()
    total = sum(1 for _ in _mutated(made))
    chance = Random(chosen_by)
    wanted = {*chance.sample(range(total), min(count, total))}
    chosen = [request.render(context) for number, (request, context) in enumerate(_mutated(made)) if number in wanted]
    chance.shuffle(chosen)
    yield from chosen


def _mutated(made: Iterable[Request]) -> Iterator[tuple[Request, MutationContext]]:
    for request in made:
        for mutations in request.get_mutations():
            yield request, MutationContext(mutations=mutations)
