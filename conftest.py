"""Plugs the bench and the suite together in a checkout, also where it is not installed."""

pytest_plugins = ["fixtures.plugins"]
