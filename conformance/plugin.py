"""Tells the fixtures what they may not import: the catalogue, and the commands of a known state."""

from __future__ import annotations

from conformance import catalogue
from conformance.catalogue import Catalogue
from fixtures.hooks import Vocabulary


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
        plain_port=catalogue.CONNECT_CFG.parameter("port").default or 0,
        tls_port=catalogue.BOUNDS.tls_port,
    )
