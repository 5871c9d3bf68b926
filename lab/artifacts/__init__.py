"""Golden output: what runs showed, written where it was expected, for a person to read and keep.

Law: pure. Texts of files and results of runs go in, texts of files come out; who calls it writes
them. What still matches stays as it was written, rules, elisions and references included.
"""

from lab.artifacts.accepting import Acceptance, Change, accept
from lab.artifacts.patience import patient

__all__ = ["Acceptance", "Change", "accept", "patient"]
