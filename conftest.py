"""Plugs the bench and the suite together; everything else lives in the plugins named here."""

pytest_plugins = [
    "fixtures.requirements",
    "fixtures.options",
    # Before the watch, which puts its tests together in whatever order they have.
    "fixtures.time_limit",
    "fixtures.outcome",
    "fixtures.session",
    "fixtures.verify",
    "fixtures.cloud",
    "fixtures.port",
    "fixtures.rig",
    "fixtures.module",
    "fixtures.watch",
    "fixtures.power",
    "fixtures.online",
    "fixtures.reporting",
    "fixtures.certification",
    "conformance.plugin",
]
