"""What is on an engine for nobody any more: told from what is needed, and removed.

Law: found by labels and by nothing else, and only what carries an owner; other people's live
runs are never touched. `grounds` tells what is whose, `removal` removes, and `watchdog` is the
process that does both for a lab which was killed.
"""
