"""Power drivers: each switches the module on and off."""
