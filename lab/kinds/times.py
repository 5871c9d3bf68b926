"""How a time is written."""

from lab.quantities import parse_duration
from lab.source.shapes import Parsed, patterned


def _duration(text: str) -> float:
    seconds = parse_duration(text)
    if not seconds:
        raise ValueError("write a time above 0: 10s")
    return seconds


DURATION = Parsed(
    "a duration",
    _duration,
    "write a number and its unit: 10s, 250ms, 2m",
    patterned(r"(?![0.]+[a-z])[0-9]{1,9}(\.[0-9]{1,3})?(ms|s|m|h)"),
)
