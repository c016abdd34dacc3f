"""Tells the fixtures what they may not import: the catalogue, and the commands of a known state."""

from __future__ import annotations

from conformance import catalogue
from conformance.catalogue import Catalogue
from fixtures.hooks import Vocabulary
from rigs.at.commands import set_line

_REFUSED_CLEAN_SESSION = catalogue.MQTT_CFG.parameter("clean_session").refused[0]
_REFUSED_REGION = catalogue.CONNECT_CFG.parameter("region").refused[0]


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
