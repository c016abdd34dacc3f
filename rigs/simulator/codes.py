"""The error codes that the firmware knows, and how it refuses a command."""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """700-708: manual 2.2. The others are general codes of the module's command parser (3GPP TS 27.007, 9.2)."""

    MALFORMED = 50
    UNKNOWN = 58
    NETWORK = 700
    NO_PRODUCT_KEY = 701
    NO_PRODUCT_SECRET = 702
    NO_DEVICE_NAME = 703
    NO_DEVICE_SECRET = 704
    INVALID_OPERATION = 705
    NOT_ALLOWED = 706
    ALREADY_OPEN = 707
    PARAMETER = 708


VERBOSE = {
    Code.MALFORMED: "incorrect parameters",
    Code.UNKNOWN: "unknown command",
    Code.NETWORK: "network error",
    Code.NO_PRODUCT_KEY: "no product key",
    Code.NO_PRODUCT_SECRET: "no product secret",
    Code.NO_DEVICE_NAME: "no device name",
    Code.NO_DEVICE_SECRET: "no device secret",
    Code.INVALID_OPERATION: "invalid operation",
    Code.NOT_ALLOWED: "operation not allowed",
    Code.ALREADY_OPEN: "mqtt already open",
    Code.PARAMETER: "parameter error",
}
"""What ``+CMEE=2`` shows instead of the number."""


class Refused(Exception):
    """A command's error result."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.name)
        self.code = code
