"""Which subnets and addresses a run's networks and nodes get, and what they are called by.

Law: pure; the same input and seed give the same allocation. What the engine and its host have
already is told, never looked up.

    Pools, chosen_pools   where subnets come from
    allocate              an Allocation: subnets, links, /etc/hosts, what `${...}` stands for
    Kept                  a network that is there already, from another run
"""

from lab.allocation.allocate import allocate
from lab.allocation.allocation import Allocation, Kept, Place
from lab.allocation.pools import Pools, chosen_pools

__all__ = ["Allocation", "Kept", "Place", "Pools", "allocate", "chosen_pools"]
