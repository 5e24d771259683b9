"""Implementations of the ports in memory. Each passes the same contract tests as the real adapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hallpass.domain.access import (
    District,
    Integration,
    PassRecord,
    Person,
    PersonRecord,
    Token,
    TokenStatus,
)
from hallpass.domain.errors import ConflictError, NotFoundError
from hallpass.domain.histories import Written


@dataclass(slots=True)
class SetClock:
    """A clock that stands until it is moved."""

    at: datetime = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    seconds: float = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def move(self, by: timedelta) -> None:
        self.at += by
        self.seconds += by.total_seconds()


@dataclass(slots=True)
class ListedPatience:
    """`Patience` that waits for nothing and keeps how long it should have."""

    pauses: list[float] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@dataclass(slots=True)
class MemoryRegistry:
    """The Registry port over dictionaries."""

    _districts: dict[str, District] = field(default_factory=dict)
    _integrations: dict[str, Integration] = field(default_factory=dict)
    _tokens: dict[tuple[str, str], Token] = field(default_factory=dict)
    _people: dict[str, Person] = field(default_factory=dict)
    _history: dict[str, list[Written]] = field(default_factory=dict)
    _person_tokens: dict[tuple[str, str], Token] = field(default_factory=dict)

    def find_pass(self, integration_id: str, token_id: str) -> PassRecord | None:
        token = self._tokens.get((integration_id, token_id))
        integration = self._integrations.get(integration_id)
        district = self._districts.get(integration_id[:4])
        if token is None or integration is None or district is None:
            return None
        return PassRecord(token, integration, district)

    def find_person(self, person_id: str, token_id: str) -> PersonRecord | None:
        token, person = self._person_tokens.get((person_id, token_id)), self._people.get(person_id)
        return None if token is None or person is None else PersonRecord(token, person)

    def district(self, district_id: str) -> District | None:
        return self._districts.get(district_id)

    def districts(self) -> Sequence[District]:
        return [self._districts[key] for key in sorted(self._districts)]

    def integration(self, integration_id: str) -> Integration | None:
        return self._integrations.get(integration_id)

    def integrations(self, district_id: str) -> Sequence[Integration]:
        mine = [kept for kept in self._integrations.values() if kept.id[:4] == district_id]
        return sorted(mine, key=lambda kept: (kept.created_at, kept.id))

    def tokens(self, holder_id: str) -> Sequence[Token]:
        return _of_holder(self._tokens, holder_id)

    def people(self) -> Sequence[Person]:
        return sorted(self._people.values(), key=lambda kept: (kept.created_at, kept.id))

    def person_tokens(self, person_id: str) -> Sequence[Token]:
        return _of_holder(self._person_tokens, person_id)

    def add_district(self, district: District) -> None:
        _refuse_if(district.id in self._districts)
        self._districts[district.id] = district

    def save_district(self, district: District) -> None:
        kept = self._districts.get(district.id)
        _refuse_if(kept is None or kept.version != district.version - 1)
        self._districts[district.id] = district

    def add_integration(self, integration: Integration) -> None:
        _refuse_if(integration.id in self._integrations)
        self._integrations[integration.id] = integration
        self._write(integration, integration.created_at, integration.created_by)

    def save_integration(self, integration: Integration) -> None:
        kept = self._integrations.get(integration.id)
        _refuse_if(kept is None or kept.version != integration.version - 1)
        self._integrations[integration.id] = integration

    def amend_integration(self, integration: Integration, at: datetime, by: str) -> None:
        self.save_integration(integration)
        self._write(integration, at, by)

    def _write(self, integration: Integration, at: datetime, by: str) -> None:
        self._history.setdefault(integration.id, []).append(Written(replace(integration, sealed_key=None), at, by))

    def integration_history(self, integration_id: str) -> Sequence[Written]:
        return list(self._history.get(integration_id, []))

    def stop_tokens(self, integration_id: str) -> Integration:
        kept = self._integrations.get(integration_id)
        if kept is None:
            raise NotFoundError
        stopped = replace(kept, token_generation=kept.token_generation + 1, version=kept.version + 1)
        self._integrations[integration_id] = stopped
        return stopped

    def add_token(self, token: Token, seen: Integration, ending: Token | None = None) -> None:
        kept = self._integrations.get(seen.id)
        if kept is None or kept.version != seen.version or kept.token_generation != token.generation:
            raise ConflictError
        _refuse_if((token.holder_id, token.id) in self._tokens)
        if ending is not None:
            self._end_earlier(ending)
        self._tokens[token.holder_id, token.id] = token
        self._integrations[seen.id] = replace(kept, version=kept.version + 1)

    def _end_earlier(self, ending: Token) -> None:
        old = self._tokens.get((ending.holder_id, ending.id))
        _refuse_if(old is None or old.status is TokenStatus.REVOKED or old.expires_at < ending.expires_at)
        if old is not None:
            self._tokens[old.holder_id, old.id] = replace(old, expires_at=ending.expires_at)

    def set_token_status(self, holder_id: str, token_id: str, status: TokenStatus) -> None:
        kept = self._tokens.get((holder_id, token_id))
        if kept is None:
            raise NotFoundError
        _refuse_if(kept.status is TokenStatus.REVOKED)
        self._tokens[holder_id, token_id] = replace(kept, status=status)

    def revoke_token(self, holder_id: str, token_id: str, at: datetime, by: str) -> None:
        _revoke(self._tokens, (holder_id, token_id), at, by)

    def add_person(self, person: Person, token: Token) -> None:
        _refuse_if(person.id in self._people)
        self._people[person.id] = person
        self._person_tokens[person.id, token.id] = token

    def add_person_token(self, token: Token, ending: Token) -> None:
        person, old = self._people.get(token.holder_id), self._person_tokens.get((ending.holder_id, ending.id))
        _refuse_if(
            person is None or person.revoked_at is not None or (token.holder_id, token.id) in self._person_tokens
        )
        _refuse_if(old is None or old.status is TokenStatus.REVOKED or old.expires_at < ending.expires_at)
        if old is not None:
            self._person_tokens[old.holder_id, old.id] = replace(old, expires_at=ending.expires_at)
        self._person_tokens[token.holder_id, token.id] = token

    def revoke_person(self, person_id: str, at: datetime, by: str) -> None:
        person = self._people.get(person_id)
        if person is None:
            raise NotFoundError
        self._people[person_id] = replace(person, revoked_at=person.revoked_at or at)
        for token in self.person_tokens(person_id):
            _revoke(self._person_tokens, (person_id, token.id), at, by)


def _of_holder(tokens: dict[tuple[str, str], Token], holder_id: str) -> Sequence[Token]:
    mine = [token for token in tokens.values() if token.holder_id == holder_id]
    return sorted(mine, key=lambda token: (token.issued_at, token.id))


def _revoke(tokens: dict[tuple[str, str], Token], key: tuple[str, str], at: datetime, by: str) -> None:
    if key not in tokens:
        raise NotFoundError
    revoked_at, revoked_by = tokens[key].revoked_at or at, tokens[key].revoked_by or by
    tokens[key] = replace(tokens[key], status=TokenStatus.REVOKED, revoked_at=revoked_at, revoked_by=revoked_by)


def _refuse_if(lost: bool) -> None:
    if lost:
        raise ConflictError
