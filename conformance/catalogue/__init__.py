"""The catalogue: every requirement, command, limit, error code and ruling, as data (``data/``), one home each.

``load()`` gives the checked catalogue. The names below it are handles for tests, taken from the same data.
"""

from __future__ import annotations

from functools import cache

from conformance.catalogue.base import Bilingual
from conformance.catalogue.factors import FactorModel, Row
from conformance.catalogue.loader import read
from conformance.catalogue.model import (
    Catalogue,
    CatalogueError,
    Choice,
    Command,
    ErrorCode,
    Form,
    IdentityValue,
    Kind,
    Parameter,
    Requirement,
    Section,
    Settings,
    Table,
    Type,
    UnknownRequirementError,
)
from conformance.catalogue.rulings import Ambiguity, Bound, Bounds, CodeRule
from reports.verdicts import Level

__all__ = [
    "BOUNDS",
    "CLOSE",
    "CONNECT_CFG",
    "DEVICE_NAME",
    "DEVICE_SECRET",
    "IDENTITY_VALUES",
    "MQTT_CFG",
    "OPEN",
    "PRODUCT_KEY",
    "PRODUCT_SECRET",
    "PUBLISH",
    "RECEIVE",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "Ambiguity",
    "Bilingual",
    "Bound",
    "Bounds",
    "Catalogue",
    "CatalogueError",
    "Choice",
    "CodeRule",
    "Command",
    "ErrorCode",
    "FactorModel",
    "Form",
    "IdentityValue",
    "Kind",
    "Level",
    "Parameter",
    "Requirement",
    "Row",
    "Section",
    "Settings",
    "Table",
    "Type",
    "UnknownRequirementError",
    "load",
    "to_record",
]


@cache
def load() -> Catalogue:
    """The project's catalogue, read and checked once. CatalogueError, with a line per problem, if it is wrong."""
    return read()


def to_record() -> dict[str, object]:
    """The project's catalogue as a run record carries it: the entry point by which others come to it."""
    return load().to_record()


def _identity(name: str) -> IdentityValue:
    command = load().commands[name]
    parameter = command.parameters[0]
    assert command.suffix is not None
    assert command.power_cycle is not None
    assert parameter.max_bytes is not None
    return IdentityValue(
        name=command.word,
        suffix=command.suffix,
        limit=parameter.max_bytes,
        secret=parameter.secret,
        survives=load().get(command.power_cycle.requirement).level,
        section=command.section,
        title=command.title,
    )


def _settings(name: str) -> Settings:
    command = load().commands[name]
    return Settings(
        name=command.word,
        parameters=command.parameters,
        defaults=tuple(parameter.default for parameter in command.parameters if parameter.default is not None),
        section=command.section,
        title=command.title,
    )


DEVICE_NAME = _identity("+ALYDEVICENAME")
DEVICE_SECRET = _identity("+ALYDEVICESECRET")
PRODUCT_KEY = _identity("+ALYPRODUCTKEY")
PRODUCT_SECRET = _identity("+ALYPRODUCTSECRET")
IDENTITY_VALUES = (DEVICE_NAME, DEVICE_SECRET, PRODUCT_KEY, PRODUCT_SECRET)
CONNECT_CFG = _settings("+ALYCONNECTCFG")
MQTT_CFG = _settings("+ALYMQTTCFG")
OPEN = load().commands["+ALYMQTTOPEN"]
CLOSE = load().commands["+ALYMQTTCLOSE"]
SUBSCRIBE = load().commands["+ALYMQTTSUB"]
UNSUBSCRIBE = load().commands["+ALYMQTTUNSUB"]
PUBLISH = load().commands["+ALYMQTTPUB"]
RECEIVE = load().commands["+MQTTRECV"]
BOUNDS = load().bounds
