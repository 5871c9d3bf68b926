"""Places in files, and what is wrong at them.

Law: nothing here knows what a scenario is. Text becomes located nodes, frozen, in which every
key and scalar keeps its place; what cannot be used becomes a diagnostic that says where, what
and what to do. Importing this package does not import YAML; `lab.source.reader` does.
"""

from lab.source.diagnostic import Diagnostic, InvalidScenario, Problems
from lab.source.span import Span, shown

__all__ = ["Diagnostic", "InvalidScenario", "Problems", "Span", "shown"]
