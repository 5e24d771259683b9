"""What the sandbox needs to know of template.yaml: functions, routes, schedules, tables, queues, logs, throttling.

The one rule: nothing that the deployed system takes from the template is written down here a second time.
Function code, handler, environment, routes and tables come out of the file, or the sandbox does not start.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.background import Asynchronous, Schedule, asynchronous, schedules
from sandbox.cloudformation import Resolver, TemplateError, load
from sandbox.throttle import Limit

STACK = "hallpass-sandbox"
_FOUR_DAYS = 4 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Function:
    """One Lambda function. `timeout` in seconds, `memory` in MB; `layers` are folders for PYTHONPATH."""

    logical_id: str
    name: str
    handler: str
    code: Path
    runtime: str
    environment: Mapping[str, str]
    timeout: float
    memory: int
    layers: tuple[Path, ...]
    log_group: str
    log_format: str
    log_level: str
    asynchronous: Asynchronous = field(default_factory=Asynchronous)


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the HTTP API: `key` as in the event ("$default", "ANY /admin/v1/{proxy+}")."""

    key: str
    function: str


@dataclass(frozen=True, slots=True)
class Table:
    """A DynamoDB table; key schema and attributes as the API takes them."""

    name: str
    key_schema: tuple[tuple[str, str], ...]
    attributes: tuple[tuple[str, str], ...]
    ttl: str | None


@dataclass(frozen=True, slots=True)
class Queue:
    """An SQS queue; `retention` of a message in seconds (SQS: four days, unless told)."""

    name: str
    retention: int = _FOUR_DAYS


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A CloudWatch log group and its retention in days (None: for ever)."""

    name: str
    retention: int | None


@dataclass(frozen=True, slots=True)
class Stage:
    """The HTTP API's stage: throttling and the access log, each only if set. `routes`: that of routes, by key."""

    limit: Limit | None = None
    access_log_group: str | None = None
    access_log_format: str | None = None
    routes: Mapping[str, Limit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Template:
    """The deployed system, as far as one machine can imitate it."""

    stack: str
    functions: tuple[Function, ...]
    routes: tuple[Route, ...]
    schedules: tuple[Schedule, ...]
    tables: tuple[Table, ...]
    queues: tuple[Queue, ...]
    log_groups: tuple[LogGroup, ...]
    keys: tuple[str, ...]
    stage: Stage

    def function(self, logical_id: str) -> Function:
        """The function of that name in the template. Raises TemplateError with the names there are."""
        for function in self.functions:
            if function.logical_id == logical_id:
                return function
        known = ", ".join(function.logical_id for function in self.functions)
        raise TemplateError(f"the template has no function {logical_id}; it has {known}")


def read(path: Path, parameters: Mapping[str, str], stack: str = STACK) -> Template:
    """The template at `path` with these parameters. Raises TemplateError in words for a person."""
    return _Reader(path, Resolver(load(path), stack, parameters)).template()


@dataclass(frozen=True, slots=True)
class _Reader:
    path: Path
    resolver: Resolver

    def template(self) -> Template:
        functions = tuple(self._function(*found) for found in self._resources("AWS::Serverless::Function"))
        if not functions:
            raise TemplateError(f"{self.path} has no AWS::Serverless::Function")
        own = list(self._resources("AWS::Serverless::Function"))
        return Template(
            stack=self.resolver.stack,
            functions=functions,
            routes=tuple(route for found in own for route in _routes(*found)),
            schedules=tuple(schedule for found in own for schedule in schedules(*found)),
            tables=tuple(self._table(*found) for found in self._resources("AWS::DynamoDB::Table")),
            queues=tuple(self._queue(*found) for found in self._resources("AWS::SQS::Queue")),
            log_groups=self._log_groups(functions),
            keys=tuple(self.resolver.physical_name(name) for name, _ in self._resources("AWS::KMS::Key")),
            stage=self._stage(),
        )

    def _resources(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, resource in self.resolver.document["Resources"].items():
            if resource.get("Type") == kind and self.resolver.exists(resource):
                yield name, self.resolver.resolve(resource.get("Properties") or {})

    def _function(self, logical_id: str, own: Mapping[str, Any]) -> Function:
        shared = self.resolver.resolve(self.resolver.document.get("Globals", {}).get("Function", {}))
        properties = {**shared, **own}
        variables = {**_variables(shared), **_variables(own)}
        logging = {**shared.get("LoggingConfig", {}), **own.get("LoggingConfig", {})}
        name = self.resolver.physical_name(logical_id)
        try:
            return Function(
                logical_id=logical_id,
                name=name,
                handler=str(properties["Handler"]),
                code=self._folder(properties["CodeUri"], logical_id),
                runtime=str(properties.get("Runtime", "python3.13")),
                environment={key: str(value) for key, value in variables.items()},
                timeout=float(properties.get("Timeout", 3)),
                memory=int(properties.get("MemorySize", 128)),
                layers=tuple(self._layer(layer) for layer in properties.get("Layers", [])),
                log_group=str(logging.get("LogGroup", f"/aws/lambda/{name}")),
                log_format=str(logging.get("LogFormat", "Text")),
                log_level=str(logging.get("ApplicationLogLevel", "")),
                asynchronous=asynchronous(logical_id, properties),
            )
        except KeyError as error:
            raise TemplateError(f"{logical_id} in {self.path} has no {error.args[0]}") from None

    def _folder(self, uri: Any, logical_id: str) -> Path:
        folder = (self.path.parent / str(uri)).resolve()
        if not folder.is_dir():
            raise TemplateError(f"{logical_id} points at {folder}, which is not a folder")
        return folder

    def _layer(self, reference: str) -> Path:
        for name, properties in self._resources("AWS::Serverless::LayerVersion"):
            if self.resolver.physical_name(name) == reference:
                folder = self._folder(properties["ContentUri"], name)
                return folder / "python" if (folder / "python").is_dir() else folder
        raise TemplateError(f"the layer {reference} is not made by this template")

    def _table(self, logical_id: str, properties: Mapping[str, Any]) -> Table:
        ttl = properties.get("TimeToLiveSpecification", {})
        return Table(
            name=self.resolver.physical_name(logical_id),
            key_schema=tuple((key["AttributeName"], key["KeyType"]) for key in properties["KeySchema"]),
            attributes=tuple(
                (each["AttributeName"], each["AttributeType"]) for each in properties["AttributeDefinitions"]
            ),
            ttl=str(ttl["AttributeName"]) if ttl.get("Enabled") in (True, "true") else None,
        )

    def _queue(self, logical_id: str, properties: Mapping[str, Any]) -> Queue:
        retention = int(properties.get("MessageRetentionPeriod", _FOUR_DAYS))
        return Queue(self.resolver.physical_name(logical_id), retention)

    def _log_groups(self, functions: tuple[Function, ...]) -> tuple[LogGroup, ...]:
        found = {function.log_group: LogGroup(function.log_group, None) for function in functions}
        for logical_id, properties in self._resources("AWS::Logs::LogGroup"):
            name, days = self.resolver.physical_name(logical_id), properties.get("RetentionInDays")
            found[name] = LogGroup(name, None if days is None else int(days))
        return tuple(found.values())

    def _stage(self) -> Stage:
        for _, properties in self._resources("AWS::Serverless::HttpApi"):
            limits = {key: _limit(settings) for key, settings in properties.get("RouteSettings", {}).items()}
            access = properties.get("AccessLogSettings", {})
            group = access.get("DestinationArn")
            return Stage(
                limit=_limit(properties.get("DefaultRouteSettings", {})),
                access_log_group=None if group is None else _log_group_of(str(group)),
                access_log_format=access.get("Format"),
                routes={key: limit for key, limit in limits.items() if limit is not None},
            )
        return Stage()


def _limit(settings: Mapping[str, Any]) -> Limit | None:
    rate, burst = settings.get("ThrottlingRateLimit"), settings.get("ThrottlingBurstLimit")
    return None if rate is None or burst is None else Limit(float(rate), int(burst))


def _variables(properties: Mapping[str, Any]) -> dict[str, Any]:
    variables: dict[str, Any] = properties.get("Environment", {}).get("Variables", {})
    return variables


def _log_group_of(arn: str) -> str:
    return arn.split(":log-group:", 1)[-1].removesuffix(":*")


def _routes(function: str, properties: Mapping[str, Any]) -> Iterator[Route]:
    for event in properties.get("Events", {}).values():
        if event.get("Type") != "HttpApi":
            continue
        details = event.get("Properties") or {}
        path = details.get("Path")
        # SAM: an HttpApi event without Path and Method is the API's $default route.
        if path in (None, "$default"):
            yield Route("$default", function)
        else:
            yield Route(f"{str(details.get('Method', 'ANY')).upper()} {path}", function)
