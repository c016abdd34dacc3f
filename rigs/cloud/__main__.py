"""``python -m rigs.cloud``: the embedded MQTT broker on its own, or the gateway with the platform's login in front."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import trustme

from rigs.cloud.authority import KeptFile, kept_authority
from rigs.cloud.broker import Broker
from rigs.cloud.events import Event
from rigs.cloud.loop import LoopThread
from rigs.cloud.pki import Pki
from rigs.cloud.profile import ProfileName
from rigs.cloud.service import EMBEDDED, Cloud, parse_address
from rigs.errors import BenchError
from rigs.sentence import say

_EXIT_BENCH = 4
_DEFAULT_SECRET = "ML302_DEVICE_SECRET"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM; returns the exit status: 0, or 4 with one line on stderr."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not options.gateway and any((options.device, options.listen_tls, options.ca_file, options.events)):
        parser.error("--device, --listen-tls, --ca-file and --events need --gateway")
    if options.ca_key_file and not options.ca_file:
        parser.error("--ca-key-file needs --ca-file, where the certificate is kept")
    if not options.gateway and options.broker != EMBEDDED:
        parser.error("--broker needs --gateway")
    if not options.gateway and options.profile != ProfileName.MQTT:
        parser.error("--profile needs --gateway")
    if options.gateway and not options.device:
        parser.error("--gateway lets nobody in without --device PK,DN")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        if options.gateway:
            _run_gateway(options, stop)
        else:
            _run_broker(options.listen, stop)
    except BenchError as error:
        print(f"rigs.cloud: {error}", file=sys.stderr)
        return _EXIT_BENCH
    return 0


def _run_broker(listen: str, stop: threading.Event) -> None:
    host, port = parse_address(listen, "--listen")
    loop, broker = LoopThread("broker"), Broker()
    loop.start()
    try:
        try:
            host, port = loop.run(broker.start(host, port))
        except OSError as error:
            raise BenchError(
                say("cannot listen on {listen}: {strerror}", listen=listen, strerror=error.strerror or error),
                act=say("choose another --listen address"),
            ) from error
        print(f"MQTT 3.1.1 broker listening on {host}:{port}", flush=True)
        stop.wait()
        loop.run(broker.stop())
    finally:
        loop.stop()


def _run_gateway(options: argparse.Namespace, stop: threading.Event) -> None:
    devices = [_device(text) for text in options.device]
    on_event = _print_event if options.events else None
    profile, pki = ProfileName(options.profile), Pki(_authority(options))
    with Cloud(options.listen, options.listen_tls, options.broker, on_event, profile=profile, pki=pki) as cloud:
        for device in devices:
            cloud.register_device(*device)
        print("gateway listening on {}:{}".format(*cloud.address), flush=True)
        if options.listen_tls:
            print("gateway listening on {}:{} (TLS)".format(*cloud.tls_address), flush=True)
        print("broker behind it at {}:{}".format(*cloud.broker_address), flush=True)
        stop.wait()


def _device(text: str) -> tuple[str, str, str]:
    product_key, device_name, variable = (*text.split(","), _DEFAULT_SECRET)[:3]
    if variable not in os.environ:
        raise BenchError(
            say("the secret of device {device_name} is not in the environment", device_name=device_name),
            act=say("set the variable {variable}", variable=variable),
        )
    return product_key, device_name, os.environ[variable]


def _device_argument(text: str) -> str:
    fields = text.split(",")
    if len(fields) not in (2, 3) or not all(fields):
        raise argparse.ArgumentTypeError(f"{text!r} is not PK,DN or PK,DN,VARIABLE")
    return text


def _authority(options: argparse.Namespace) -> trustme.CA | None:
    """The authority of --ca-file and --ca-key-file; None without either."""
    if options.ca_file is None:
        return None
    private_key = KeptFile(options.ca_key_file, "--ca-key-file") if options.ca_key_file else None
    return kept_authority(KeptFile(options.ca_file, "--ca-file"), private_key)


def _print_event(event: Event) -> None:
    print(json.dumps({"t": event.time, **event.to_record()}), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rigs.cloud",
        description="An MQTT 3.1.1 broker that any client can be pointed at. With --gateway the bench's gateway stands "
        "in front: it checks the login of the Alibaba Cloud IoT Platform and sees every packet. "
        "Ends on SIGINT or SIGTERM.",
        epilog="Exit status: 0 stopped by a signal, 2 wrong arguments, 4 port taken, broker not there, secret missing, "
        "certificate of no use.",
    )
    parser.add_argument(
        "--listen",
        default="127.0.0.1:1883",
        metavar="HOST:PORT",
        help="address (default %(default)s; port 0: any free)",
    )
    group = parser.add_argument_group("gateway")
    group.add_argument("--gateway", action="store_true", help="listen with the gateway, the broker behind it")
    group.add_argument(
        "--device",
        action="append",
        default=[],
        type=_device_argument,
        metavar="PK,DN[,VARIABLE]",
        help=f"a device that may log in; its DeviceSecret is in the environment variable (default {_DEFAULT_SECRET}); "
        "may be repeated",
    )
    group.add_argument("--listen-tls", default="", metavar="HOST:PORT", help="TLS address (default: no TLS)")
    group.add_argument("--ca-file", type=Path, metavar="FILE", help="write the certificate to trust here (PEM)")
    group.add_argument(
        "--ca-key-file",
        type=Path,
        metavar="FILE",
        help="keep the authority's private key here, so that --ca-file stays the same the next time",
    )
    group.add_argument(
        "--broker", default=EMBEDDED, metavar="URL", help="embedded (default) or mqtt://host:port of any broker"
    )
    group.add_argument(
        "--profile",
        choices=[name.value for name in ProfileName],
        default=ProfileName.MQTT.value,
        help="what the gateway allows behind the login: all of MQTT 3.1.1 (default), or only what the platform does",
    )
    group.add_argument("--events", action="store_true", help="print every packet and event as a JSON line")
    return parser


if __name__ == "__main__":
    sys.exit(main())
