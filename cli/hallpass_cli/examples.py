"""An example for every command, for the end of its help.

Rule: each is a command line that the command takes; the tests parse them all.
"""

from __future__ import annotations

import typer

EXAMPLES = {
    "audit tail": "hallpass audit tail --stack hallpass --since 1h",
    "bootstrap": 'hallpass bootstrap --stack hallpass --name "Ada Inventada"',
    "cache purge": "hallpass cache purge D1st --hard",
    "cache warm": "hallpass cache warm D1st --wait",
    "district cache set": "hallpass district cache set D1st --fresh-for 15m",
    "district cache show": "hallpass district cache show D1st",
    "district cache statistics": "hallpass district cache statistics D1st",
    "district create": 'hallpass district create --name "Invented Unified" --time-zone America/Chicago',
    "district delete": "hallpass district delete D1st --report leaving.txt",
    "district list": "hallpass district list",
    "district quarantine": "hallpass district quarantine D1st",
    "district review-quarantine": "hallpass district review-quarantine D1st incident/new-field --as asked-upstream",
    "district show": "hallpass district show D1st --json",
    "district status": "hallpass district status D1st",
    "doctor": "hallpass doctor --stack hallpass",
    "fields list": "hallpass fields list",
    "fields show": "hallpass fields show identified@1",
    "integration activate": "hallpass integration activate D1stVnd1",
    "integration cache set": "hallpass integration cache set D1stVnd1 --may-refresh",
    "integration create": 'hallpass integration create D1st --vendor "Example Analytics" --contact pat@vendor.example '
    '--purpose "Attendance dashboards" --agreement DPA-2026-01 --agreement-ends 2027-06-30 --fields identified@1 '
    "--type minor --school 007 --days 90",
    "integration edit": "hallpass integration edit D1stVnd1 --agreement-ends 2028-06-30",
    "integration end": "hallpass integration end D1stVnd1",
    "integration limits": "hallpass integration limits D1stVnd1 --per-minute 60",
    "integration list": "hallpass integration list D1st",
    "integration pause": "hallpass integration pause D1stVnd1",
    "integration renew-pseudonyms": "hallpass integration renew-pseudonyms D1stVnd1",
    "integration resume": "hallpass integration resume D1stVnd1",
    "integration show": "hallpass integration show D1stVnd1",
    "integration stop": "hallpass integration stop D1stVnd1",
    "person accept": "hallpass person accept",
    "person create": 'hallpass person create --name "Bo Inventado" --role auditor --days 90',
    "person invitations": "hallpass person invitations",
    "person invite": 'hallpass person invite --name "Bo Inventado" --role district-admin --district D1st --days 365',
    "person list": "hallpass person list",
    "person revoke": "hallpass person revoke Person01",
    "person rotate": "hallpass person rotate --overlap-days 1",
    "person withdraw": "hallpass person withdraw Person01",
    "profile list": "hallpass profile list",
    "profile remove": "hallpass profile remove work",
    "sandbox": "hallpass sandbox -- --port 8787",
    "scope set": "hallpass scope set D1stVnd1 --fields no-people@1 --type minor --school 007 --days 30",
    "scope show": "hallpass scope show D1stVnd1",
    "scope versions": "hallpass scope versions D1stVnd1",
    "token claims": "hallpass token claims D1stVnd1",
    "token issue": "hallpass token issue D1stVnd1 --expires-at 2027-06-30",
    "token list": "hallpass token list D1stVnd1",
    "token pause": "hallpass token pause D1stVnd1 Tok1",
    "token resume": "hallpass token resume D1stVnd1 Tok1",
    "token revoke": "hallpass token revoke D1stVnd1 Tok1",
    "token rotate": "hallpass token rotate D1stVnd1 Tok1 --overlap-days 7",
    "token withdraw-claim": "hallpass token withdraw-claim D1stVnd1 Clm1",
    "usage district": "hallpass usage district D1st --from 2026-02-01 --to 2026-02-28",
    "usage integration": "hallpass usage integration D1stVnd1 --from 2026-02-01 --to 2026-02-28",
}
"""By the command; those with longer ones say them where they are defined."""


def add_examples(app: typer.Typer, above: str = "") -> None:
    """Ends the help of every command of EXAMPLES with its own."""
    for command in app.registered_commands:
        name = command.name or (command.callback.__name__ if command.callback else "")
        example = EXAMPLES.get(f"{above}{name.replace('_', '-')}")
        if example is not None:
            command.epilog = f"Example: {example}"
    for group in app.registered_groups:
        if group.typer_instance is not None:
            add_examples(group.typer_instance, f"{above}{group.name} ")
