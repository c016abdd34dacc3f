from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rigs.cloud.login import Device
from tests.rigs.cloud import wire as w
from tests.rigs.cloud.wire import DEADLINE, Wire

ROOT = Path(__file__).parents[3]


@pytest.fixture
def run() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts ``python -m rigs.cloud`` with arguments and additions to the environment."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "rigs.cloud", *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def address(line: str) -> tuple[str, int]:
    """The address that a line on stdout ends with."""
    host, _, port = line.split()[-1].partition(":")
    return host, int(port)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_broker_alone_serves_and_ends_cleanly(run: Callable[..., subprocess.Popen[str]], number: int) -> None:
    process = run("--listen", "127.0.0.1:0")
    assert process.stdout is not None
    with Wire(address(process.stdout.readline())) as one:
        one.log_in("c").send(w.publish("t", b"", 1, 1)).expect(w.ack(w.PUBACK, 1))
        process.send_signal(number)
        out, err = process.communicate(timeout=DEADLINE)
    assert (process.returncode, out, err) == (0, "", "")


def test_gateway_lets_the_device_in_and_prints_events(
    run: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    ca = tmp_path / "ca.pem"
    process = run(
        *("--gateway", "--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0", "--device", "pk,dn,SECRET_OF_DN"),
        *("--ca-file", str(ca), "--events"),
        SECRET_OF_DN="not-a-real-secret",
    )
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    place = next(line for line in lines if line.startswith("gateway"))
    with Wire(address(place)) as one:
        one.send(w.device_connect(Device("pk", "dn", "not-a-real-secret"))).expect(w.CONNACK_OK)
    process.terminate()
    out, err = process.communicate(timeout=DEADLINE)
    assert (process.returncode, err) == (0, "")
    assert ca.read_text().startswith("-----BEGIN CERTIFICATE-----")
    events = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    assert "CONNECT" in {event.get("packet") for event in events}
    assert "not-a-real-secret" not in out


def test_gateway_keeps_its_authority_and_the_platforms_rules(
    run: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    ca, key = tmp_path / "ca.pem", tmp_path / "ca.key"
    for _ in range(2):
        process = run(
            *("--gateway", "--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0", "--device", "pk,dn,SECRET_OF_DN"),
            *("--ca-file", str(ca), "--ca-key-file", str(key), "--profile", "platform"),
            SECRET_OF_DN="s",
        )
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        trusting = ssl.create_default_context(cafile=str(ca))
        with Wire(address(lines[1].removesuffix(" (TLS)\n")), trusting) as one:
            one.send(w.device_connect(Device("pk", "dn", "s"), tls=True, keep_alive=1))
            one.expect(b"\x20\x02\x00\x03")
        process.terminate()
        _, err = process.communicate(timeout=DEADLINE)
        assert (process.returncode, err) == (0, "")
        assert key.stat().st_mode & 0o777 == 0o600
    ca.unlink()
    process = run("--gateway", "--device", "pk,dn,PATH", "--ca-file", str(ca), "--ca-key-file", str(key))
    out, err = process.communicate(timeout=DEADLINE)
    assert (process.returncode, out, len(err.splitlines())) == (4, "", 1)
    assert f"--ca-file: {ca} is missing" in err


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--listen", "nonsense"], 4, "--listen"),
        (["--listen", "192.0.2.1:1883"], 4, "192.0.2.1:1883"),
        (["--gateway", "--device", "pk,dn,NO_SUCH_VARIABLE", "--listen", "127.0.0.1:0"], 4, "NO_SUCH_VARIABLE"),
        (["--gateway", "--device", "pk,dn,PATH", "--listen", "127.0.0.1:0", "--broker", "x"], 4, "cloud.broker"),
        (["--gateway", "--device", "pk"], 2, "PK,DN"),
        (["--gateway"], 2, "--device"),
        (["--device", "pk,dn"], 2, "--gateway"),
        (["--profile", "platform"], 2, "--gateway"),
        (["--gateway", "--device", "pk,dn,PATH", "--profile", "alink"], 2, "--profile"),
        (["--gateway", "--device", "pk,dn,PATH", "--ca-key-file", "k"], 2, "--ca-file"),
        (["--gateway", "--device", "pk,dn,PATH", "--ca-file", "/no/such/place/ca.pem"], 4, "/no/such/place/ca.pem"),
        (["--unheard-of"], 2, "--unheard-of"),
    ],
)
def test_bad_arguments_are_told_in_one_line(
    run: Callable[..., subprocess.Popen[str]], arguments: list[str], status: int, words: str
) -> None:
    process = run(*arguments)
    out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == status
    assert words in err
    assert "Traceback" not in err
    assert out == ""


def test_taken_port_is_told(run: Callable[..., subprocess.Popen[str]], mute_server: tuple[str, int]) -> None:
    process = run("--listen", "{}:{}".format(*mute_server))
    _, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 4
    assert str(mute_server[1]) in err
    assert len(err.splitlines()) == 1
