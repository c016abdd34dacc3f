"""The AT dialogue: sans-IO parser, exchanges, dialects."""
