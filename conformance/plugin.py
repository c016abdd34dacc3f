"""Tells the fixtures what they may not import: the catalogue, and the commands of a known state; plays reproducers."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import catalogue
from conformance.catalogue import Catalogue
from conformance.reproducer import Reproducer, ReproducerError, read_findings, read_reproducer, regressions
from fixtures.hooks import Vocabulary
from rigs.at.commands import set_line

_REPLAY = Path(__file__).with_name("test_replay.py")
played_key = pytest.StashKey[Reproducer]()

_REFUSED_CLEAN_SESSION = catalogue.MQTT_CFG.parameter("clean_session").refused[0]
_REFUSED_REGION = catalogue.CONNECT_CFG.parameter("region").refused[0]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read the reproducers of a run before it begins: a file that is none is a usage error in one line."""
    try:
        regressions()
        if findings := findings_of(config):
            read_findings(findings, "--findings")
        if file := config.getoption("--replay"):
            config.stash[played_key] = read_reproducer(config.invocation_params.dir / file)
            config.args[:] = [str(_REPLAY)]
    except ReproducerError as error:
        raise pytest.UsageError(str(error)) from error


def findings_of(config: pytest.Config) -> Path | None:
    """The folder in which findings are kept from run to run; None for none."""
    folder: Path | None = config.getoption("--findings")
    return None if folder is None else config.invocation_params.dir / folder


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The test that plays a reproducer is there for a run that is given one."""
    return True if collection_path == _REPLAY and played_key not in config.stash else None


def pytest_ml302_catalogue() -> Catalogue:
    return catalogue.load()


def pytest_ml302_vocabulary() -> Vocabulary:
    return Vocabulary(
        device_name=catalogue.DEVICE_NAME,
        device_secret=catalogue.DEVICE_SECRET,
        product_key=catalogue.PRODUCT_KEY,
        product_secret=catalogue.PRODUCT_SECRET,
        connect_cfg=catalogue.CONNECT_CFG,
        mqtt_cfg=catalogue.MQTT_CFG,
        open=catalogue.OPEN.word,
        close=catalogue.CLOSE.word,
        subscribe=catalogue.SUBSCRIBE.word,
        unsubscribe=catalogue.UNSUBSCRIBE.word,
        publish=catalogue.PUBLISH.word,
        probes=(
            set_line(catalogue.CONNECT_CFG.name, *catalogue.CONNECT_CFG.replaced(region=_REFUSED_REGION)),
            set_line(catalogue.MQTT_CFG.name, *catalogue.MQTT_CFG.replaced(clean_session=_REFUSED_CLEAN_SESSION)),
        ),
        already_open=catalogue.ErrorCode.ALREADY_OPEN,
        network_error=catalogue.ErrorCode.NETWORK,
        plain_port=catalogue.CONNECT_CFG.parameter("port").default or 0,
        tls_port=catalogue.BOUNDS.tls_port,
        regions=tuple(choice.platform or "" for choice in catalogue.CONNECT_CFG.parameter("region").choices),
    )
