"""Evidence that stands: a run as one signed file, and the check of such a file from nothing but itself.

`container` is the zip file to the last byte, `signing` the keys and the envelope, `statement` what is signed,
`wire` and `rederive` the record against itself and against the reports, `make` and `verify` the two directions.
"""

from reports.bundle.commands import add_commands

__all__ = ["add_commands"]
