"""SO WHAT: run record -> verdicts -> summary, HTML, JUnit and capture."""
