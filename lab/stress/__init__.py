"""A machine made busy and disorderly, to find what passes only on an idle one.

Law: takes time away and changes orders that mean nothing; a scenario that relies on neither comes
to the same. All of it follows from one seed, but for what the kernel's scheduler does with it.

    with spinning(seed):          the CPUs are kept busy
    DisorderlyPool(threads, seed) calls begin in another order
    disturbed(case, chance)       nodes in another order, each with a share of a CPU
"""

from lab.stress.disorder import DisorderlyPool
from lab.stress.disturbance import disturbed
from lab.stress.spinners import spinning

__all__ = ["DisorderlyPool", "disturbed", "spinning"]
