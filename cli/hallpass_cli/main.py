"""The `hallpass` command: a client of the admin API; `bootstrap`, `audit tail` and `doctor` ask AWS too.

Rule: a failure is a sentence on the error stream and an exit code, never a traceback.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from hallpass_cli import (
    audit_report,
    audit_search,
    audit_tail,
    caches,
    claims,
    deletions,
    disclosures,
    district_status,
    districts,
    explanations,
    fields,
    granted,
    integrations,
    invitations,
    limits,
    people,
    previews,
    profiles,
    purges,
    terms,
    tokens,
    translations,
    usages,
    warmings,
)
from hallpass_cli.api import PROFILE
from hallpass_cli.bootstrap import bootstrap
from hallpass_cli.doctor import doctor
from hallpass_cli.examples import add_examples
from hallpass_cli.failures import CommandError
from hallpass_cli.output import plain
from hallpass_cli.sandbox import sandbox


class Reporting(TyperGroup):
    """Turns what went wrong into what a person reads and what a script tests."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CommandError as error:
            for line in error.lines():
                typer.echo(plain(line).plain, err=True)
            raise typer.Exit(error.exit_code) from error


app = typer.Typer(
    cls=Reporting,
    help="Hand out passes to a district's incidents. HALLPASS_URL and HALLPASS_TOKEN say where and who.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def root(
    profile: Annotated[
        str | None, typer.Option("--profile", envvar="HALLPASS_PROFILE", help="Of `hallpass profile list`.")
    ] = None,
) -> None:
    """What holds for every command."""
    PROFILE.set(profile)


audit = typer.Typer(help="What was disclosed, refused and changed.", no_args_is_help=True)
audit.command()(audit_tail.tail)
audit.command(epilog=audit_search.EXAMPLE)(audit_search.search)
audit.command(epilog=audit_report.EXAMPLE)(audit_report.report)
districts.app.add_typer(caches.of_district, name="cache")
districts.app.command()(deletions.delete)
districts.app.command()(district_status.status)
integrations.app.add_typer(caches.of_integration, name="cache")
integrations.app.command()(limits.limits)
for change in (terms.edit, terms.activate):
    integrations.app.command()(change)
tokens.app.command(epilog=claims.EXAMPLE)(claims.claim)
tokens.app.command()(claims.claims)
tokens.app.command("withdraw-claim")(claims.withdraw)
for step in (
    invitations.invite,
    invitations.invitations,
    invitations.withdraw,
    invitations.accept,
    invitations.rotate,
):
    people.app.command()(step)
app.add_typer(audit, name="audit")
app.add_typer(disclosures.app, name="disclosures")
app.add_typer(districts.app, name="district")
app.add_typer(fields.app, name="fields")
app.add_typer(integrations.app, name="integration")
app.add_typer(granted.app, name="scope")
app.add_typer(tokens.app, name="token")
app.add_typer(people.app, name="person")
app.add_typer(profiles.app, name="profile")
purges.app.command()(warmings.warm)
app.add_typer(purges.app, name="cache")
app.add_typer(usages.app, name="usage")
app.command(epilog=previews.EXAMPLES)(previews.preview)
app.command(epilog=explanations.EXAMPLES)(explanations.explain)
app.command(epilog=translations.EXAMPLES)(translations.translate)
app.command()(bootstrap)
app.command()(doctor)
app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(sandbox)
add_examples(app)
