"""What strace(1) writes of the calls of processes, as records.

Law: pure and incremental; any split of the text gives the same calls. What is not understood is
a StraceError, never a guess. The text is that of -f -ttt -T -y with an output file of its own.
"""

from lab.strace.reader import Reader
from lab.strace.text import StraceError

__all__ = ["Reader", "StraceError"]
