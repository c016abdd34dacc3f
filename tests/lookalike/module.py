"""A look-alike of the ML302 on a pseudo-terminal of its own.

Where manual and rulings leave room, this module has these habits:

- errors are `+CME ERROR: n` (`AT+CMEE=0`: bare `ERROR`); numeric errors and echo are on after power-up;
- malformed lines get 50 (syntax, number of parameters) or 53 (not a number), unknown commands 58, bad values 708;
- no space behind the colon of `+ALY...:` answers, one behind that of the modem's own answers;
- the echo of a line is sent when its CR has come; lines that do not begin with AT are ignored in silence;
- command names in lower case are known; strings may stand without quotes when they hold no blank,
  comma, quote, backslash;
- `""` clears an identity value; a cleared or never set one is shown as nothing behind the colon;
- UTF-8 is taken in values and topics, control characters are refused there (708); in payloads they go through;
- a backslash makes the `"` or `\\` behind it plain, before anything else it stands for itself;
- port 0 and QoS 2 are refused; numbers may have leading zeros; times go up to 2147483647 ms; any keep-alive is taken,
  0 turns it off;
- CONNECT announces one and a half times the configured keep-alive (1200 s at most), PINGREQ follows the configured one;
- settings made while open serve the next OPEN; `AT+ALYMQTTOPEN` does not look at the ProductSecret;
- CLOSE while closed: 705; SUB, UNSUB, PUB while closed and what the cloud refuses: 706; no answer from the cloud: 700;
- SUB waits for SUBACK, PUB with QoS 1 for PUBACK, without retransmission; the client closes TCP after DISCONNECT;
- payloads up to 1024 bytes, topics up to 256, lines up to 4096; a downlink of any size is one line,
  shown at once, also before an OK;
- of a certificate the chain is verified (with --ca), its name is not; TLS 1.2 is the lowest;
- clientId is the IMEI, hmacsha256, a timestamp, the password in capitals; nothing is said at boot or when the
  connection is lost.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from .board import Board
from .faults import FAULTS
from .session import Cloud
from .transport import Address, tls_context


def address(text: str) -> Address:
    """HOST:PORT."""
    host, _, port = text.rpartition(":")
    return host, int(port)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.lookalike.module", description="A look-alike of the ML302.")
    parser.add_argument("state_dir", type=Path)
    parser.add_argument("--link", type=Path, required=True)
    parser.add_argument("--tcp", type=address, required=True)
    parser.add_argument("--tls", type=address, required=True)
    parser.add_argument("--ca")
    parser.add_argument("--fault", action="append", default=[], choices=sorted(FAULTS), metavar="NAME")
    parser.add_argument("--think-ms", type=float, default=0.0)
    parser.add_argument("--boot-seconds", type=float, default=0.2)
    return parser.parse_args()


def main() -> None:
    """Run until told to stop."""
    args = arguments()
    args.state_dir.mkdir(parents=True, exist_ok=True)
    cloud = Cloud(args.tcp, args.tls, tls_context(args.ca))
    board = Board(args.state_dir, args.link, cloud, [FAULTS[name].change for name in args.fault])
    board.think_seconds = args.think_ms / 1000
    board.boot_seconds = args.boot_seconds
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    board.boot_later()
    print("ready", flush=True)
    try:
        board.run()
    except KeyboardInterrupt:
        pass
    finally:
        board.link.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
