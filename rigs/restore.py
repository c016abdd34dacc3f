"""Gives a module the identity back that a run had borrowed, after a run that could not do it itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rigs import identity
from rigs.at.dialogue import Dialogue, Exchange
from rigs.claims import Claim
from rigs.deadlines import Deadlines
from rigs.errors import BenchError
from rigs.identity import CopyStore, Found, IdentityError
from rigs.rig import Rig
from rigs.rigfile import RigFile
from rigs.sentence import Sentence, say
from rigs.supply import power_of
from rigs.transcript import Transcript
from rigs.transports import address_of, transport_for


def restore(rig_file: RigFile, tell: Callable[[Sentence], object], store: CopyStore | None = None) -> None:
    """Find the copy of the module that is connected, give it back, and erase it; ``tell`` gets a line for each step.

    Does nothing where no copy is kept. Raises `BenchError`: then the copy is kept.
    """
    store = store or CopyStore()
    copies = [] if rig_file.simulated else store.of_rig(rig_file.name)
    if not copies:
        tell(
            say(
                "nothing to give back: no identity is kept for rig {rig} in {folder}",
                rig=rig_file.name,
                folder=store.folder,
            )
        )
        return
    address = address_of(rig_file.serial.url)
    claim = Claim(address, rig=rig_file.name, run_dir=Path("(rigs restore)"))
    claim.take()
    try:
        rig = _rig(rig_file)
        try:
            rig.bring_up()
            rig.identify()
            _give_back(rig, _fitting(copies, rig, address), tell)
        finally:
            rig.close()
    finally:
        claim.release()


def _rig(rig_file: RigFile) -> Rig:
    deadlines = replace(Deadlines(), boot=rig_file.power.boot_seconds)
    # Nothing of this is recorded: all that is said to the module is its secrets.
    transcript = Transcript(_forget)
    transport = transport_for(rig_file.serial.url, rig_file.serial.baudrate, deadlines.write)
    power = power_of(rig_file, deadlines.power_command)
    dialogue = Dialogue(transport, transcript, deadlines)
    # Whether its line sleeps is not known here, and an AT more harms none.
    dialogue.wakes_first = True
    return Rig(dialogue, power, transcript, off_seconds=rig_file.power.off_seconds)


def _forget(kind: str, *, at: float | None = None, **fields: object) -> int:
    _ = kind, at, fields
    return 0


def _fitting(copies: list[Found], rig: Rig, address: str) -> Found:
    for found in copies:
        if identity.belongs(found.copy, rig.owner, address, moved=True):
            return found
    kept = [f"{found.path} ({found.copy.module}, {found.copy.port})" for found in copies]
    raise IdentityError(
        say(
            "the module at {address} is {owner}, and what is kept is another's: {kept}",
            address=address,
            owner=rig.owner,
            kept=kept,
        ),
        act=say("operator: connect that module, or remove the file if its identity is known from elsewhere"),
    )


def _give_back(rig: Rig, found: Found, tell: Callable[[Sentence], object]) -> None:
    def send(line: bytes) -> Exchange:
        exchange = rig.dialogue.send(line)
        if exchange.silent:
            raise BenchError(
                say("the module fell silent, {final}", final=exchange.final),
                act=say("operator: restart the module and try again"),
            )
        return exchange

    since = f"{found.copy.kept:%Y-%m-%d %H:%M}"
    tell(say("{owner} held since {since} UTC: {names}", owner=rig.owner, since=since, names=list(found.copy.values)))
    send(found.copy.close.encode())
    shown = found.copy.shown
    missing = identity.give_back(send, shown)
    if lost := [name for name in missing if identity.content(shown[name])]:
        raise IdentityError(
            say("the module does not take {lost} back", lost=lost),
            act=say("operator: set it by hand from {path}, then remove that file", path=found.path),
        )
    if missing:
        tell(say("{names} was empty before and cannot be emptied again on this firmware", names=list(missing)))
    found.erase()
    tell(say("given back, and the copy erased"))
