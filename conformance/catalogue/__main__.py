"""``python -m conformance.catalogue``: the catalogue as JSON, as run records carry it, to be tried out changed."""

from __future__ import annotations

import json

from conformance.catalogue import to_record

if __name__ == "__main__":
    print(json.dumps(to_record(), indent=1))
