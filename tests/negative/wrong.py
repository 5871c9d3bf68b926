"""wrong.yaml as frozen records.

Law: data in, data out; nothing is run here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

TABLE = Path(__file__).with_name("wrong.yaml")
PATIENCE = 12.0  # seconds a wrong program is given to do what it never will


@dataclass(frozen=True)
class Complaint:
    """Which node is blamed (`machine#2`: a second program on it), at which line, why, and what
    the user is advised."""

    blames: str
    line: str
    reason: str
    advice: str = ""

    def covers(self, other: Complaint) -> bool:
        """Whether the other is this one, its line, reason and advice at more length."""
        return (
            self.blames == other.blames
            and other.line.startswith(self.line)
            and self.reason in other.reason
            and self.advice in other.advice
        )


@dataclass(frozen=True)
class Wrong:
    """`program` in its service's place makes `case` FAIL within `patience` seconds, with this
    complaint."""

    case: str
    program: str
    complaint: Complaint
    patience: float = PATIENCE

    @property
    def scenario(self) -> str:
        """The case's scenario: the name of its file."""
        return self.case.partition("[")[0]

    def __str__(self) -> str:
        return f"{self.case}-{self.program}"


def table() -> tuple[Wrong, ...]:
    """All of wrong.yaml."""
    return tuple(
        Wrong(
            row["case"],
            row["program"],
            Complaint(row["blames"], row["line"], row["reason"], row.get("advice", "")),
            float(row.get("patience", PATIENCE)),
        )
        for row in yaml.safe_load(TABLE.read_text())
    )
