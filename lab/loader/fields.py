"""The keys of a scenario file: how everything in it is written."""

from __future__ import annotations

from msgspec.structs import replace

from lab.kinds.names import LABEL, label_fault
from lab.kinds.reading import AnyStep, Expectations, NodeExpectations
from lab.kinds.registry import decoder, find
from lab.kinds.times import DURATION
from lab.loader import hints
from lab.loader.links import ADDRESS, NETWORKS, Placed
from lab.loader.shares import MOUNTS, SHARE_MAP
from lab.loader.words import (
    IMAGE_REFERENCE,
    VARIABLE,
    image_fault,
    intent_fault,
    variable_fault,
)
from lab.model import Family, Impairment
from lab.ports import Expectation
from lab.quantities import parse_size
from lab.requirements import EXPRESSION, requirement_fault
from lab.source.located import Located, Scalar
from lab.source.scope import Scope
from lab.source.shapes import (
    Boolean,
    Choice,
    Field,
    Integer,
    Known,
    ListOf,
    MapOf,
    Number,
    OneOrMany,
    Parsed,
    Read,
    Record,
    Schema,
    TemplateText,
    Text,
    patterned,
    refused,
)

MOST_NODES = 1000  # of a group; more than 400 at once are not tried out


def _subnet(text: str) -> str:
    from ipaddress import ip_network  # noqa: PLC0415 - slow to import, and seldom needed

    try:
        return str(ip_network(text))
    except ValueError as error:
        if "host bits" in str(error):
            raise ValueError(f"write {ip_network(text, strict=False)}") from None
        raise ValueError("write 192.0.2.0/24 or 2001:db8::/64") from None


def _size(text: str) -> int:
    size = parse_size(text)
    if size < 6 * 2**20:
        raise ValueError("no program runs in less than 6MiB")
    return size


# As far as a schema can tell.
_SUBNET = f"({ADDRESS})(/[0-9]{{1,3}})?"
_SIZE = "[0-9]{1,15}(B|[kmg]|[KMG]iB)"


class Awaited:
    """Expectations read as those of a wait: text means lines that have been seen."""

    _expectations = Expectations()

    def read(self, value: Located, scope: Scope) -> tuple[Expectation, ...]:
        return self._expectations.read(value, replace(scope, awaiting=True))

    def schema(self) -> Schema:
        return self._expectations.schema()


class Impaired:
    """What the step impair takes; what reads it is imported where there is any."""

    _kind = ("steps", "impair")

    def read(self, value: Located, scope: Scope) -> Impairment:
        made: Impairment = decoder(*self._kind)(value, scope).impairment  # type: ignore[attr-defined]
        return made

    def schema(self) -> Schema:
        return find(*self._kind).shape.schema()


# -- networks

_FAMILIES = {each.value: each for each in Family}
FAMILY = Field(
    "family",
    Choice("a family", _FAMILIES),
    "ipv4, ipv6 or dual (default)",
)
SUBNETS = Field(
    "subnets",
    OneOrMany(
        Placed(Parsed("a subnet", _subnet, "write 192.0.2.0/24", patterned(_SUBNET))),
        "a list of subnets",
    ),
    "its subnets, at most one of each family; unsaid, the run picks them",
)
INTERNAL = Field("internal", Boolean(), "no way out to other networks; default true")
MTU = Field("mtu", Integer("an MTU", 68, 65535), "largest packet in bytes; at least 1280 for IPv6")
NETWORK = Record("a network", FAMILY, SUBNETS, INTERNAL, MTU, hints=hints.NETWORK)


class NetworkShape:
    """A network; nothing behind its name is a dual one."""

    def read(self, value: Located, scope: Scope) -> Read:
        if isinstance(value, Scalar) and value.empty:
            return Read(value)
        if isinstance(value, Scalar) and value.text in _FAMILIES:
            what = "a network is a mapping, not text"
            raise refused(scope, value.span, what, f"write {{family: {value.text}}}")
        return NETWORK.read(value, scope)

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "null"}, NETWORK.schema()]}


# -- nodes

SERVICE = Field(
    "service",
    Known("service", "services are the folders with a service.yaml"),
    "a service of the catalog",
)
IMAGE = Field(
    "image",
    Text("an image", image_fault, IMAGE_REFERENCE),
    "an image to run, or to run the service with",
)
ARGS = Field("args", ListOf(TemplateText(without_nul=True)), "the program's arguments")
ENV = Field(
    "env",
    MapOf(Text("a variable's name", variable_fault, VARIABLE), TemplateText(without_nul=True)),
    "its environment: NAME: value",
)
COUNT = Field("count", Integer("a count", 1, MOST_NODES), "so many: client-1, client-2, ...")
NODE_ENDS = Field("ends", Boolean(), "does the program end by itself?")
READY = Field("ready", Awaited(), "what must be seen of it before the next step")
MEMORY = Field(
    "memory", Parsed("a size", _size, "write 64MiB", patterned(_SIZE)), "memory, default 256MiB"
)
PIDS = Field("pids", Integer("a number of processes", 2, 32768), "processes, default 128")
CPUS = Field("cpus", Number("a share of processors", 1024), "processors: 0.5 is half of one")
LIMITS_RECORD = Record("limits", MEMORY, PIDS, CPUS)
LIMITS = Field("limits", LIMITS_RECORD, "what it may use")
ROLE = Field(
    "role",
    Choice("a role", {"router": True}),
    "router: it passes packets on between its networks, and the others know it",
)
_ARGUED = {ARGS.name: {"anyOf": [{"required": [SERVICE.name]}, {"required": [IMAGE.name]}]}}
NODE = Record(
    "a node",
    *(SERVICE, IMAGE, ARGS, ENV, NETWORKS, MOUNTS, ROLE, COUNT, NODE_ENDS, READY, LIMITS),
    also={"dependentSchemas": _ARGUED},
    hints=hints.NODE,
)


class NodeShape:
    """A node; a service's name alone is a slip worth a word of its own."""

    def read(self, value: Located, scope: Scope) -> Read:
        if isinstance(value, Scalar) and value.text in scope.names.get("service", ()):
            what = "a node is a mapping, not text"
            raise refused(scope, value.span, what, f"write {{service: {value.text}}}")
        return NODE.read(value, scope)

    def schema(self) -> Schema:
        return NODE.schema()


# -- the whole file

NAME = Text("a name", label_fault, LABEL)
TAG = Placed(Text("a tag", label_fault, LABEL))

INTENT = Field(
    "intent",
    Text('an intent with the word "must"', intent_fault, r"[\s\S]*\bmust\b[\s\S]*"),
    "what must be, in a sentence",
    required=True,
)
TAGS = Field("tags", ListOf(TAG), "words to select it by: lab run --tag udp")
NETWORK_MAP = Field(
    "networks", MapOf(NAME, NetworkShape(), "a mapping of networks"), "the networks, by name"
)
NODE_MAP = Field(
    "nodes",
    MapOf(NAME, NodeShape(), "a mapping of nodes", at_least=1),
    "the nodes, by name",
    required=True,
)
STEPS = Field("steps", ListOf(AnyStep(), "a list of steps", 1), "what is done, in order")
EXPECT = Field("expect", NodeExpectations(), "what must have been seen when the run is over")
MATRIX = Field(
    "matrix",
    MapOf(Text("a name", expression=LABEL), ListOf(Text(), at_least=1), "a mapping of values", 1),
    "one case for each value",
)
TIMEOUT = Field("timeout", DURATION, "how long the run may take, default 30s")
IMPAIR = Field(
    "impair",
    ListOf(Impaired(), "a list of impairments", 1),
    "links that are bad from the start; what is written as in the step impair",
)
SEED = Field("seed", Text("a seed"), "what chance follows from; default the scenario's name")
REQUIRES = Field(
    "requires",
    ListOf(Text("a requirement", requirement_fault, EXPRESSION)),
    "else SKIP: [engine>=28]",
)
FILE = Record(
    "a scenario",
    *(INTENT, TAGS, MATRIX, REQUIRES, TIMEOUT, SEED, NETWORK_MAP, SHARE_MAP, NODE_MAP, IMPAIR),
    *(STEPS, EXPECT),
    hints=hints.SCENARIO,
)
