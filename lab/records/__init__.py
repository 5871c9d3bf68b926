"""What runs leave in writing: a directory for each run, in it one for each case.

Law: a record is written when the verdict is known and told, and never changes it. What cannot be
written is told once; what is read back renders as it did on the day.
"""
