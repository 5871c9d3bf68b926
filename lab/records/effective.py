"""A case's scenario as YAML of its own: the matrix filled in, every value as it was taken.

Law: reading it again gives the same case; scalars stay text, in the style they were written in.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from lab.errors import UsageError
from lab.loader.matrix import cases_of
from lab.source.located import Located, Mapping, Scalar, Sequence
from lab.source.reader import read

_STR = "tag:yaml.org,2002:str"
_SEQUENCE = "tag:yaml.org,2002:seq"
_MAPPING = "tag:yaml.org,2002:map"


def effective(path: Path, data: bytes, case: str) -> str:
    """The YAML of that case of a file's bytes; the file's text where it is no longer read so."""
    try:
        document, problems = read(path, data)
        found = {f"{path.stem}{each.suffix}": each for each in cases_of(document, problems)}
    except UsageError:
        found = {}
    if case not in found:
        return data.decode("utf-8", "replace")
    text = yaml.serialize(
        _node(found[case].document), Dumper=yaml.BaseDumper, allow_unicode=True, width=100
    )
    return str(text)


def _node(value: Located) -> yaml.Node:
    match value:
        case Scalar(text=text, style=style):
            return yaml.ScalarNode(_STR, text, style=style or None)
        case Sequence(items=items):
            return yaml.SequenceNode(_SEQUENCE, [_node(item) for item in items], flow_style=False)
        case Mapping(pairs=pairs):
            nodes = [(_node(key), _node(item)) for key, item in pairs]
            return yaml.MappingNode(_MAPPING, nodes, flow_style=False)
