"""Scenario files into Scenarios, or every reason why not.

Law: never touches Docker. Each phase (characters and YAML; how things are written; what they
mean together) tells everything it finds, and only a phase without a finding lets the next begin.
"""

from lab.loader.load import load, load_text
from lab.loader.schema import schema
from lab.loader.single import single

__all__ = ["load", "load_text", "schema", "single"]
