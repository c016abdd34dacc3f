"""A simulated ML302 on a real serial line: ``python -m rigs.simulator --help``.

Two processes. The *adapter* owns the pty (or the TCP port) as a USB serial adapter owns its port: it stays up while
the module's power goes off and on. The *module* is its child: power off kills it at whatever instant, power on starts
a new one, which knows no more than its non-volatile memory on disk.

The simulator is judged like any other module, so it shares neither code nor numbers with the bench.
"""
