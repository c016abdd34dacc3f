"""WHAT the manual demands: the catalogue, and one test module per section of the manual."""
