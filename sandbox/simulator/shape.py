"""What happens to a finished incident: older shapes, absent parts, unknown parts, edits.

The rule: these only remove, move or mark; they invent no people. Canary text says where it stands, so
that a test can plant the unknown and look for it in what comes out elsewhere.
"""

from random import Random

from sandbox.simulator.settings import Settings, Unknown
from sandbox.simulator.tree import Node

CANARY = "CANARY-UNKNOWN"
_KEPT = frozenset({"uuid", "type"})
_SINCE_2020 = frozenset({"incident@bounced", "victim/injury"})
_SINCE_2025 = frozenset(
    {
        *("incident/attributes", "action/attributes", "victim/attributes", "victim/employee"),
        *("student/homeless", "student/foster", "student/frpl"),
    }
)


def shape(node: Node, settings: Settings, seed: int) -> Node:
    """Bend an incident's tree to the settings; same seed = same absences."""
    if settings.revision != "2025-12":
        turn_back(node, _SINCE_2025 if settings.revision == "2020" else _SINCE_2025 | _SINCE_2020)
    rng = Random(seed ^ 0x5EED)
    if rng.random() < settings.absent_share:
        thin(node, rng)
    if settings.unknown != "none":
        plant(node, settings.unknown, node.name)
    return node


def turn_back(node: Node, later: frozenset[str]) -> None:
    """Take away what came later, and put an offender's injury behind the weapons where it stood then."""
    node.attributes = {k: v for k, v in node.attributes.items() if f"{node.name}@{k}" not in later}
    node.children = [child for child in node.children if f"{node.name}/{child.name}" not in later]
    injury = node.child("injury") if node.name == "offender" else None
    weapons = node.child("weapons")
    if injury and weapons:
        node.children.remove(injury)
        node.children.insert(node.children.index(weapons) + 1, injury)
    for child in node.children:
        turn_back(child, later)


def thin(node: Node, rng: Random) -> None:
    """Leave out about a fifth of the nodes and attributes, but a list's count stays true if it stays."""
    node.attributes = {key: value for key, value in node.attributes.items() if key in _KEPT or rng.random() >= 0.2}
    if "count" not in node.attributes:
        node.children = [child for child in node.children if child.name == "date" or rng.random() >= 0.2]
    for child in node.children:
        thin(child, rng)


def plant(node: Node, where: Unknown, path: str) -> None:
    """Add an unknown attribute and last child to every element, with canary text naming the place."""
    children = list(node.children)
    if where != "elements":
        node.attributes["x-unknown"] = f"{CANARY}@{path}"
    if where != "attributes" and (children or node.text is None or where == "leaves"):
        node.add(Node("x-unknown", f"{CANARY}/{path}", x_note=f"{CANARY}@{path}/x-unknown"))
    for child in children:
        plant(child, where, f"{path}/{child.name}")


def edit(node: Node, changes: dict[str, str | None]) -> None:
    """Apply edits by path: `description`, `school@code`, `offenders/offender/student/name`, `@bounced`.

    The first element of each name is meant; a missing one is appended; None takes the text's element or
    the attribute away.
    """
    for path, value in changes.items():
        element, _, attribute = path.partition("@")
        _edit_one(node, [name for name in element.split("/") if name], attribute, value)


def _edit_one(node: Node, names: list[str], attribute: str, value: str | None) -> None:
    parent = node
    for name in names:
        child = node.child(name)
        if child is None:
            if value is None:
                return
            child = Node(name)
            node.add(child)
        parent, node = node, child
    if attribute and value is None:
        node.attributes.pop(attribute, None)
    elif attribute:
        node.attributes[attribute] = value or ""
    elif value is None:
        parent.children.remove(node)
    else:
        node.text = value
