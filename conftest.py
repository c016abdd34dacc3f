"""Plugs the bench and the suite together; everything else lives in the plugins named here."""

pytest_plugins = [
    "fixtures.requirements",
    "fixtures.options",
    "fixtures.outcome",
    "fixtures.impatience",
    "fixtures.session",
    "fixtures.verify",
    "fixtures.cloud",
    "fixtures.port",
    "fixtures.rig",
    "fixtures.module",
    "fixtures.watch",
    "fixtures.power",
    "fixtures.online",
    "fixtures.check",
    "fixtures.reporting",
    "fixtures.certification",
    "conformance.plugin",
]
