"""Strangers' programs: each kind of attack is contained and named, and harms no neighbour."""
