"""Many cases: which run when, how many at a time, told as they go, stopped together.

Law: a case's result depends on nothing but the case; which run beside it changes no verdict.
"""

from lab.suite.agenda import Agenda, Turn
from lab.suite.gate import Gate
from lab.suite.order import longest_first, shuffled
from lab.suite.parallelism import Search, fixed, searching
from lab.suite.suite import Suite

__all__ = [
    "Agenda",
    "Gate",
    "Search",
    "Suite",
    "Turn",
    "fixed",
    "longest_first",
    "searching",
    "shuffled",
]
