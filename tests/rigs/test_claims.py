"""One run at a time on a port, whatever name it is called by, and however the run before ended."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rigs.claims import Claim, lock_directory
from rigs.errors import BenchError
from rigs.transports import address_of
from tests.fixtures.runs import ROOT, environment

ADDRESS = "tcp 127.0.0.1 4000"
_TAKE = """
import sys
from pathlib import Path
from rigs.claims import Claim
claim = Claim(sys.argv[1], rig="lab-07", run_dir=Path("/runs/first"), directory=Path(sys.argv[2]))
claim.take()
print("taken", flush=True)
sys.stdin.read()
"""


def claim(directory: Path, address: str = ADDRESS) -> Claim:
    return Claim(address, rig="lab-08", run_dir=Path("/runs/second"), directory=directory)


def elsewhere(directory: Path) -> subprocess.Popen[bytes]:
    """Another process that has taken the port."""
    process = subprocess.Popen(
        [sys.executable, "-c", _TAKE, ADDRESS, str(directory)],
        cwd=ROOT,
        env=environment(PYTHONPATH=str(ROOT)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"taken\n"
    return process


def test_another_run_is_named(tmp_path: Path) -> None:
    with elsewhere(tmp_path) as other:
        with pytest.raises(BenchError) as caught:
            claim(tmp_path).take()
        said = f"in use by another run: rig lab-07, pid {other.pid}, run directory /runs/first"
        assert said in caught.value.message
        assert ADDRESS in caught.value.message
        assert "wait until that run has ended" in caught.value.act
        claim(tmp_path, "tcp 127.0.0.1 4001").take()
        with pytest.raises(BenchError, match="pid"):
            claim(tmp_path).take()
        other.kill()


def test_a_run_that_was_killed_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    with elsewhere(tmp_path) as other:
        other.kill()
        other.wait()
    claim(tmp_path).take()


def test_a_port_that_was_given_back_can_be_taken(tmp_path: Path) -> None:
    first = claim(tmp_path)
    for holder in (first, claim(tmp_path), first):
        holder.take()
        holder.release()
        holder.release()


def test_a_directory_that_is_open_to_others_is_not_trusted(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(BenchError, match="does not belong to this user alone"):
        claim(tmp_path).take()


def test_the_directory_is_this_users_own(tmp_path: Path) -> None:
    directory = tmp_path / "locks"
    claim(directory).take()
    assert directory.stat().st_mode & 0o777 == 0o700
    assert str(os.getuid()) in lock_directory().name


def test_every_name_of_a_device_is_one_address(tmp_path: Path) -> None:
    master, slave = os.openpty()
    device = os.ttyname(slave)
    (tmp_path / "link").symlink_to(device)
    (tmp_path / "link-to-a-link").symlink_to(tmp_path / "link")
    names = {address_of(str(name)) for name in (device, tmp_path / "link", tmp_path / "link-to-a-link")}
    assert names == {device}
    os.close(slave)
    os.close(master)


def test_every_name_of_a_tcp_port_is_one_address() -> None:
    urls = ("socket://127.0.0.1:4000", "rfc2217://127.0.0.1:4000?ign_set_control", "socket://LOCALHOST:4000")
    assert {address_of(url) for url in urls} == {ADDRESS}
    assert address_of("socket://127.0.0.1:4001") != ADDRESS


@pytest.mark.parametrize("url", ["socket://127.0.0.1", "rfc2217://", "nonsense://x", "hwgrep://no such port"])
def test_what_leads_nowhere_is_its_own_address(url: str) -> None:
    assert address_of(url) == url
