"""SO WHAT: run record -> verdicts -> summary, HTML and JUnit."""
