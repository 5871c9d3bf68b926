"""The directory of one case: written whole or not at all.

Law: what stands under its final name is complete; what is replaced later is replaced at once.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

RECORD = "record.json"
STREAMS = "streams"
_LONGEST = 100  # characters of a name; file systems allow 255 bytes
_UNSAFE = re.compile(r"[^A-Za-z0-9._=,@+-]")


def name_of(case: str) -> str:
    """`hello,family=ipv6.3` for `hello[family=ipv6] #3`: needs no quotes in a shell."""
    plain = case.replace("[", ",").replace("]", "").replace(" #", ".")
    plain = _UNSAFE.sub("_", plain).lstrip(".") or "_"
    if len(plain) <= _LONGEST:
        return plain
    return f"{plain[:_LONGEST]}-{sha256(case.encode('utf-8', 'replace')).hexdigest()[:8]}"


def write(run: Path, name: str, files: Mapping[str, bytes]) -> Path:
    """A new directory with these files, the first free one of `name`, `name-2` ...

    Names of files may have a folder before them. Raises OSError, and then nothing is left.
    """
    draft = run / f".{name}.{os.getpid()}"
    try:
        draft.mkdir()
        for folder in {str(Path(file).parent) for file in files} - {"."}:
            (draft / folder).mkdir(parents=True)
        for file, data in files.items():
            (draft / file).write_bytes(data)
        return _publish(draft, run, name)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _publish(draft: Path, run: Path, name: str) -> Path:
    number = 1
    while True:
        final = run / (name if number == 1 else f"{name}-{number}")
        try:
            final.mkdir()  # ours now; a rename takes the place of an empty folder
        except FileExistsError:
            number += 1
            continue
        draft.rename(final)
        return final


def replace(path: Path, data: bytes) -> None:
    """Write a file anew, at once. Raises OSError, and then the old one stands."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def as_json(found: Mapping[str, Any]) -> bytes:
    """A line for each key, pure ASCII: also what is no text at all survives."""
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in found.items())
    return f"{{\n{lines}\n}}\n".encode("ascii")
