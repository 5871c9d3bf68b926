"""The other front door: scenarios as pytest's items, and machines for people's own tests.

Law: chooses engine and clock, as lab.cli does, and decides nothing a run decides. Of pytest only
what its reference names is used. What is slow to import waits until a scenario is collected or
asked for: plugin.py is imported by every pytest of an environment the lab is installed in.
"""
