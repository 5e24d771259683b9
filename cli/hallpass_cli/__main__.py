"""`python -m hallpass_cli`."""

from hallpass_cli.main import app

app(prog_name="hallpass")
