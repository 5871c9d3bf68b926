"""What needs a kernel this machine need not have: tried in an emulated machine, with netem."""
