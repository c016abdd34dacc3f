"""``python -m reports bundle RUN`` and ``python -m reports verify BUNDLE``."""

from __future__ import annotations

import argparse
from pathlib import Path

from reports.bundle.contents import EVIDENCE, DoesNotHold
from reports.commands import Commands, add_lang, tell
from reports.events import RecordError
from reports.files import open_file, write_whole
from reports.i18n import Lang
from reports.sentences import say
from reports.verdicts import EXIT_FAIL, EXIT_OK


def add_commands(commands: Commands) -> None:
    """Add ``bundle`` and ``verify``."""
    parser = commands.add_parser("bundle", help="put the evidence of a run into one file, signed")
    parser.add_argument("run_dir", metavar="RUN_DIR", type=Path, help="a run's directory, with its record.jsonl")
    parser.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="private ed25519 key (PEM or OpenSSH) to sign with; without one the bundle is unsigned. The password of "
        "an encrypted key comes from the environment variable ML302_KEY_PASSWORD",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: RUN_DIR/bundle.zip")
    parser.add_argument("--url", help="where the run can be looked up, to stand in the statement")
    add_lang(parser, Lang.EN)
    parser.set_defaults(run=_bundle)
    parser = commands.add_parser("verify", help="check a bundle: hashes, signature, every verdict from the raw record")
    parser.add_argument("bundle", metavar="BUNDLE", type=Path, help="a file made by the bundle command")
    parser.add_argument(
        "--key", type=Path, metavar="PUB", help="the public key (PEM or OpenSSH) that must have signed it"
    )
    add_lang(parser, Lang.EN)
    parser.set_defaults(run=_verify)


def _bundle(options: argparse.Namespace) -> int:
    """Write the bundle of a run; returns 0. Raises `RecordError`."""
    # Imported here because no other command needs the cryptography.
    from reports.bundle.make import make
    from reports.bundle.signing import load_private_key

    output: Path = options.output or options.run_dir / "bundle.zip"
    if output.name in EVIDENCE:
        raise RecordError(
            "--output {output}: the name of a file of a run, which it would replace; choose another", output=output
        )
    key = None if options.key is None else load_private_key(options.key)
    content, verified = make(options.run_dir, key, options.url)
    write_whole(output, content)
    tell(Lang(options.lang), say("{output}: {facts}", output=output, facts=verified.told))
    return EXIT_OK


def _verify(options: argparse.Namespace) -> int:
    """Check a bundle; returns 0 when it holds, else 1. Raises `RecordError`."""
    from reports.bundle.signing import load_public_key
    from reports.bundle.verify import verify

    lang = Lang(options.lang)
    key = None if options.key is None else load_public_key(options.key)
    try:
        with open_file(options.bundle) as file:
            tell(lang, say("verified: {facts}", facts=verify(file, key).told))
        return EXIT_OK
    except DoesNotHold as problem:
        tell(lang, say("does not hold: {why}", why=problem))
        return EXIT_FAIL
    except OSError as problem:
        raise RecordError(
            "{path}: cannot be read: {why}", path=options.bundle, why=problem.strerror or problem
        ) from problem
    except RecordError as problem:
        raise RecordError("{path}: {why}", path=options.bundle, why=problem) from problem
