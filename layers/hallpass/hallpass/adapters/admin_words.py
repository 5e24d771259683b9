"""What each address of the admin API does, in a line: for its document and its page.

Rule: plain words; an action without a line here is a gap, which the tests find.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SUMMARIES: Final[Mapping[str, str]] = {
    "district.list": "The districts that you may see",
    "district.create": "Tries a district's upstream credential; with `confirmed`, adds the district",
    "district.show": "A district",
    "district.delete": "Ends a district for good: credential, keys and pages are destroyed; `confirm` is its id",
    "district.show-cache": "How old an answer about the district may be",
    "district.show-cache-statistics": "How much of the district is cached, and how old it is",
    "district.cache": "Replaces the district's cache policy; `confirm` is `unchecked` when the check is off",
    "district.purge": "Purges the district's cache: soft makes stale, hard deletes and proves it",
    "district.quarantine": "What the upstream sent and nobody documented: it was withheld",
    "district.status": "The district at one look: what is granted and what wants attention",
    "audit.search": "Rows of the ledger: who asked for what, how it was answered, who changed what",
    "audit.schema": "The JSON Schema of an audit line",
    "disclosures.person": "Who received anything about one person; the number stands in the body alone",
    "disclosures.report": "What each vendor received in a period",
    "disclosures.agreements": "The register of the district's agreements",
    "integration.list": "The district's integrations",
    "integration.create": "Grants a vendor a scope; `confirm` is `upstream@1` when that is what is granted",
    "integration.show": "An integration",
    "integration.edit": "Changes what was agreed: vendor, contact, purpose, agreement",
    "integration.activate": "Makes a draft usable",
    "integration.pause": "Refuses every token of the integration until it is resumed",
    "integration.resume": "Lets the tokens hold again",
    "integration.stop": "Revokes every token of the integration at once",
    "integration.end": "Ends the integration for good; the key of its pseudonyms is destroyed",
    "integration.scope": "Replaces the scope; it holds on the vendor's next request",
    "integration.cache": "What the integration may do with the cache",
    "integration.renew-pseudonyms": "Gives everybody new pseudonyms; the old key is destroyed",
    "integration.show-scopes": "The scopes that the integration had: which, since when, by whom",
    "integration.show-versions": "What was agreed and granted, version by version",
    "integration.show-usage": "How the integration was used, day by day (UTC)",
    "token.list": "The integration's tokens",
    "token.issue": "Issues a token: its text is in this answer alone",
    "token.rotate": "Issues a token's successor; the old one ends after the overlap",
    "token.pause": "Refuses a token until it is resumed",
    "token.resume": "Lets a paused token hold again",
    "token.revoke": "Ends a token for good",
    "person.list": "The people that you may see",
    "person.create": "Adds a person, and shows you their token: prefer an invitation",
    "person.revoke": "Ends a person's access for good",
    "person.rotate": "The successor of your own token; it ends when that one would have",
    "invitation.list": "Invitations that nobody has used yet",
    "invitation.create": "Invites a person: the code holds 72 hours, once, and no longer than your own token",
    "invitation.accept": "Exchanges an invitation, sent as the bearer token, for an admin token",
    "invitation.withdraw": "Ends an invitation that was not used",
    "session.show": "Who you are",
    "session.start": "Exchanges your token for a session of half an hour",
    "session.end": "Ends the session that you present",
}
PROBLEMS: Final[Mapping[str, str]] = {
    "400": "A field, a parameter or a header is not as documented: see `errors`.",
    "401": "No token, or one that does not hold.",
    "403": "Your role does not allow this, or it is opened by a token of another kind.",
    "404": "It does not exist, or it is another district's.",
    "405": "The method is not allowed here.",
    "409": "It is in another state than this needs, or the first request under the key is not over.",
    "412": "It has changed since you read it; `version` is the present one.",
    "422": "The `Idempotency-Key` was sent with another request.",
    "428": "The change needs `If-Match`.",
    "500": "Something failed on our side, or a deletion could not be proven.",
    "502": "The upstream's answer cannot be used, or it refuses the credential.",
    "503": "The registry, the ledger or the upstream cannot be reached: see Retry-After.",
    "504": "The upstream did not answer in time.",
}
PARAMETER_WORDS: Final[Mapping[str, str]] = {
    "limit": "How many at once; 100 unless said.",
    "next": "`next` of the answer before, to go on.",
    "from": "The first day, of UTC.",
    "to": "The last day, included, and not before `from`.",
    "district_id": "A district's id.",
    "integration_id": "An integration's id: it begins with its district's.",
    "token_id": "A token's public id.",
    "person_id": "A person's id.",
}
