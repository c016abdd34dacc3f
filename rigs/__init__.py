"""WITH WHAT: serial port, AT dialogue, power, cloud, simulator, rig files."""
