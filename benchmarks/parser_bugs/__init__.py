"""How soon each parser bug of the look-alike is found: ``python -m benchmarks.parser_bugs``."""
