"""Command line of the simulator: ``python -m rigs.simulator --help``."""

from __future__ import annotations

import argparse
import difflib
import json
import signal
import ssl
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from rigs.simulator.adapter import Adapter
from rigs.simulator.conditions import CONDITIONS
from rigs.simulator.conditions.registry import surrounded
from rigs.simulator.control import ControlError, ask
from rigs.simulator.faults import FAULTS
from rigs.simulator.habits import HABITS
from rigs.simulator.nvram import NonVolatileMemory, StateFileError
from rigs.simulator.options import ANY_FREE_PORT, AdapterOptions, Address, ModuleOptions
from rigs.simulator.ports import PortError

T = TypeVar("T")

DESCRIPTION = """\
A simulated ML302 on a real serial line. Prints one line of JSON when it is ready:
{"port": what to open, "control": the control line, "pid": its process}, and runs until SIGTERM, Ctrl-C or "quit".
"""
EPILOG = """\
the power:
  python -m rigs.simulator power on|off|status --control HOST:PORT
  switches the module of a running simulator; the port stays. On failure one line on stderr and exit status 1.

the control line takes "power on", "power off", "status", "quit", one per line, and answers "ok ..." or "error ...".
"""


def _argument(read: Callable[[str], T]) -> Callable[[str], T]:
    """Let argparse show the sentence of a ValueError."""

    def convert(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def _not_negative(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ValueError(f"{text!r} is not a number of seconds")
    return value


def _baud(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError(f"{text!r} is not a line rate")
    return value


def _one_of(kind: str, names: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in names:
            close = difflib.get_close_matches(text, names, n=1)
            hint = f"did you mean {close[0]}?" if close else f"see --list-{kind}s"
            raise ValueError(f"no {kind} {text!r}; {hint}")
        return text

    return read


def build_parser() -> argparse.ArgumentParser:
    """The simulator's options."""
    parser = argparse.ArgumentParser(
        prog="python -m rigs.simulator",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    loopback, address = _argument(Address.parse_loopback), _argument(Address.parse)

    line = parser.add_argument_group("the serial line")
    line.add_argument("--link", type=Path, metavar="PATH", help="make a symbolic link to the pty's device here")
    line.add_argument("--tcp", type=loopback, metavar="127.0.0.1:PORT", help="serve the line over TCP instead of a pty")
    line.add_argument("--line-rate", type=_argument(_baud), default=0, metavar="BAUD", help="0 is instant (default)")

    module = parser.add_argument_group("the module")
    module.add_argument(
        "--state", type=Path, metavar="FILE", help="non-volatile memory; default one that is gone at the end"
    )
    module.add_argument(
        "--boot",
        type=_argument(_not_negative),
        default=0.0,
        metavar="SECONDS",
        help="from power-up to the first answer",
    )
    module.add_argument(
        "--latency", type=_argument(_not_negative), default=0.0, metavar="SECONDS", help="thinking time of each command"
    )
    module.add_argument("--off", action="store_true", help="start with the power off")

    network = parser.add_argument_group("the carrier's network")
    network.add_argument(
        "--cloud", type=address, metavar="HOST:PORT", help="where port 1883 of the platform leads; default nowhere"
    )
    network.add_argument("--cloud-tls", type=address, metavar="HOST:PORT", help="where port 443 of the platform leads")
    network.add_argument(
        "--registers-after",
        type=_argument(_not_negative),
        default=0.0,
        metavar="SECONDS",
        help="from power-up to the registration in the network",
    )
    network.add_argument("--ca", type=Path, metavar="FILE", help="CA certificates that the module trusts (PEM)")

    control = parser.add_argument_group("control")
    control.add_argument(
        "--control",
        type=loopback,
        default=ANY_FREE_PORT,
        metavar="127.0.0.1:PORT",
        help="where the control line listens; default any free port",
    )
    control.add_argument("--exit-with-stdin", action="store_true", help="end when standard input ends")
    control.add_argument(
        "--spawn", action="store_true", help="start the module as a fresh process, as systems without fork do (slow)"
    )

    nature = parser.add_argument_group("what kind of module it is, and what surrounds it")
    nature.add_argument(
        "--condition",
        action="append",
        default=[],
        type=_argument(_one_of("condition", list(CONDITIONS))),
        metavar="NAME",
        help="something that surrounds the module; may be repeated",
    )
    nature.add_argument(
        "--habit",
        action="append",
        default=[],
        type=_argument(_one_of("habit", list(HABITS))),
        metavar="NAME",
        help="a legal peculiarity; may be repeated",
    )
    nature.add_argument(
        "--fault",
        action="append",
        default=[],
        type=_argument(_one_of("fault", list(FAULTS))),
        metavar="NAME",
        help="a seeded fault; may be repeated",
    )
    nature.add_argument("--list-conditions", action="store_true", help="show what may surround the module and end")
    nature.add_argument("--list-habits", action="store_true", help="show the legal peculiarities and end")
    nature.add_argument(
        "--list-faults", action="store_true", help="show the seeded faults and what they break, and end"
    )
    nature.add_argument("--json", action="store_true", help="show the lists as JSON")
    return parser


def fault_rows() -> list[dict[str, Any]]:
    """The catalogue of faults: what each says of itself, what it breaks, and what exposes or provokes it."""
    return [
        {"name": fault.name, "lie": fault.lie, "breaks": list(fault.breaks)}
        | ({"exposed_by": fault.exposed_by} if fault.exposed_by else {})
        | ({"provoked_by": list(fault.provoked_by)} if fault.provoked_by else {})
        for fault in FAULTS.values()
    ]


def habit_rows() -> list[dict[str, Any]]:
    """The catalogue of habits: what a vendor declares of each, and which implied requirements it deviates from."""
    return [
        {"name": habit.name, "peculiarity": habit.peculiarity}
        | ({"declares": dict(habit.declares)} if habit.declares else {})
        | ({"deviates": list(habit.deviates)} if habit.deviates else {})
        for habit in HABITS.values()
    ]


def condition_rows() -> list[dict[str, Any]]:
    """The catalogue of conditions."""
    return [{"name": condition.name, "surroundings": condition.surroundings} for condition in CONDITIONS.values()]


def show(rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print a catalogue; the second entry of a row is its sentence."""
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        name, sentence, *_ = row.values()
        breaks = f" [{', '.join(row['breaks'])}]" if "breaks" in row else ""
        print(f"{name:<{width}}  {sentence}{breaks}")


def run(arguments: argparse.Namespace, temporary: Path) -> None:
    """Run adapter and module until told to stop; what is gone at the end lies in ``temporary``.

    Raises :class:`PortError` or :class:`StateFileError`.
    """
    state = arguments.state or temporary / "state.json"
    NonVolatileMemory.load(state)
    adapter = AdapterOptions(
        tcp=arguments.tcp,
        link=arguments.link,
        control=arguments.control,
        line_rate=arguments.line_rate,
        power=not arguments.off,
        exit_with_stdin=arguments.exit_with_stdin,
        spawn=arguments.spawn,
    )
    adapter = surrounded(adapter, arguments.condition)
    if adapter.usb and adapter.link is None:
        adapter = replace(adapter, link=temporary / "ttyML302")  # what stays when the pty changes
    module = ModuleOptions(
        state=state,
        durable=arguments.state is not None,
        boot=arguments.boot,
        latency=arguments.latency,
        cloud=arguments.cloud,
        cloud_tls=arguments.cloud_tls,
        ca=arguments.ca,
        registers_after=arguments.registers_after,
        conditions=tuple(arguments.condition),
        habits=tuple(arguments.habit),
        faults=tuple(arguments.fault),
    )
    Adapter(adapter, module).run()


def power(argv: Sequence[str]) -> int:
    """``power on|off|status``: talk to a running simulator."""
    parser = argparse.ArgumentParser(prog="python -m rigs.simulator power", description="Switch the module's power.")
    parser.add_argument("action", choices=["on", "off", "status"])
    parser.add_argument("--control", type=_argument(Address.parse_loopback), required=True, metavar="127.0.0.1:PORT")
    arguments = parser.parse_args(argv)
    try:
        print(ask(arguments.control, "status" if arguments.action == "status" else f"power {arguments.action}"))
    except ControlError as error:
        print(f"rigs.simulator: {error}", file=sys.stderr)
        return 1
    return 0


def main(argv: Sequence[str]) -> int:
    """Returns the exit status."""
    if argv[:1] == ["power"]:
        return power(argv[1:])
    parser = build_parser()
    arguments = parser.parse_args(argv)
    for asked, rows in (
        (arguments.list_faults, fault_rows),
        (arguments.list_habits, habit_rows),
        (arguments.list_conditions, condition_rows),
    ):
        if asked:
            show(rows(), as_json=arguments.json)
            return 0
    if arguments.tcp and arguments.link:
        parser.error("--link is for a pty, and --tcp makes none")
    if arguments.tcp and surrounded(AdapterOptions(), arguments.condition).usb:
        parser.error("--condition own-usb-port is for a pty, and --tcp makes none")
    if arguments.tcp is None and sys.platform == "win32":
        parser.error("there are no ptys on this system; use --tcp 127.0.0.1:PORT")
    if arguments.ca:
        try:
            ssl.create_default_context(cafile=arguments.ca)
        except OSError as error:
            parser.error(f"--ca {arguments.ca}: {error.strerror or 'no certificate in it'}")
    try:
        with tempfile.TemporaryDirectory(prefix="ml302-") as temporary:
            run(arguments, Path(temporary))
    except (PortError, StateFileError) as error:
        print(f"rigs.simulator: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE") and any(word.startswith("--list-") for word in sys.argv[1:]):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as of any tool in a pipe: whoever reads has seen enough
    sys.exit(main(sys.argv[1:]))
