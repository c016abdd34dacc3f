"""A look-alike of the ML302 with seeded firmware faults: a measure for a conformance suite of somebody else."""
