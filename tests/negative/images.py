"""The wrong programs, all in one image that can take the place of any service.

What several of them have in common is in programs/parts, and is no program itself.

    reference = build(client, lab_image, token)       load(..., use={"listener": reference})
    cast(case, reference, "listener_counts_nul")      says which of them its nodes run

The image is the lab's own with programs/ put in; its entrypoint runs the program that the node's
environment names, and where none is named, the node's arguments as a command. One image and not
one for each program: an old engine takes seconds to commit one.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

from docker import APIClient
from msgspec.structs import replace

from lab.kinds.action import Step as TimedStep
from lab.kinds.steps.run import Run
from lab.model import Node, Scenario, Template
from lab.ports import Step

FOLDER = Path(__file__).parent / "programs"
PROGRAMS = tuple(sorted(path.stem for path in FOLDER.glob("*.py")))
FOLDER_OF_SERVICES = "/lab/services/"  # in the lab's image
_REPOSITORY = "socketlab-test/wrong"
_INSIDE = "wrong"
_LABEL = "lab.negative"
_CHOICE = "WRONG"
_RUN = f'exec ${{{_CHOICE}:+python3 -S -B "/{_INSIDE}/${_CHOICE}.py"}} "$@"'


def service_of(program: str) -> str:
    """The service it takes the place of: its docstring begins with its name."""
    return (FOLDER / f"{program}.py").read_text().removeprefix('"""').partition(",")[0]


def build(client: APIClient, lab_image: str, token: str) -> str:
    """The image's reference; remove() takes it away."""
    container = client.create_container(lab_image, ["true"], labels={_LABEL: token})["Id"]
    changes = [
        f"ENTRYPOINT {json.dumps(['sh', '-c', _RUN, 'sh'])}",
        "CMD []",
        "ENV PYTHONPATH=/lab/services",
        f"LABEL lab.image=test {_LABEL}={token}",
    ]
    try:
        client.put_archive(container, "/", _tar())
        client.commit(container, _REPOSITORY, token, changes=changes)
    finally:
        client.remove_container(container, force=True)
    return _reference(token)


def remove(client: APIClient, token: str) -> None:
    """Remove what the lab made of it, then itself."""
    found = client.images(filters={"label": f"{_LABEL}={token}"})
    for image in sorted(found, key=lambda one: _reference(token) in one["RepoTags"]):
        client.remove_image(image["Id"], force=True)


def _reference(token: str) -> str:
    return f"{_REPOSITORY}:{token}"


def cast(case: Scenario, image: str, program: str) -> Scenario:
    """The case with this program on every node of this image, and in every command that names the
    service's own file, such as one of strace's."""
    own, wrong = _path_of(service_of(program)), f"/{_INSIDE}/{program}.py"
    steps = tuple(_recast(step, own, wrong) for step in case.steps)
    pairs = zip(case.steps, steps, strict=True)
    visited = {node for old, new in pairs if old is not new for node in new.nodes}
    nodes = tuple(
        _onto(node, image) if node.name in visited else _cast(node, image, program)
        for node in case.topology.nodes
    )
    topology = replace(case.topology, nodes=nodes)
    return replace(case, topology=topology, steps=steps)


def _path_of(service: str) -> str:
    return f"{FOLDER_OF_SERVICES}{service}/{service}.py"


def _cast(node: Node, image: str, program: str) -> Node:
    if node.program.image != image:
        return node
    env = (*node.program.env, (_CHOICE, Template(program)))
    return replace(node, program=replace(node.program, env=env))


def _onto(node: Node, image: str) -> Node:
    return replace(node, program=replace(node.program, image=image))


def run_of(step: Step) -> Run | None:
    """What it runs, where it is a run step."""
    action = step.action if isinstance(step, TimedStep) else None
    return action if isinstance(action, Run) else None


def _recast(step: Step, own: str, wrong: str) -> Step:
    """The step itself where it names no such file."""
    action = run_of(step)
    if action is None or all(own not in word.text for word in action.words):
        return step
    words = tuple(Template(word.text.replace(own, wrong), word.span) for word in action.words)
    assert isinstance(step, TimedStep)
    return replace(step, action=replace(action, words=words))


def _tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(FOLDER.rglob("*.py")):
            archive.add(path, f"{_INSIDE}/{path.relative_to(FOLDER)}", filter=_anybodys)
    return buffer.getvalue()


def _anybodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.mode = 0o644
    return entry
