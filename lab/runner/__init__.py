"""One scenario's case, from plan to result.

Law: judged from what was observed alone; and whatever happens, everything made is removed.
"""

from lab.runner.case import run_case, stand_up
from lab.runner.live import LiveCase
from lab.runner.networks import Networks
from lab.runner.world import MonotonicClock, World

__all__ = ["LiveCase", "MonotonicClock", "Networks", "World", "run_case", "stand_up"]
