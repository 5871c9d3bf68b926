"""What happened in a run, as one row of things in the order of time.

Law: pure; made from a result alone, whether it has just come about or was read from a record.
What is left out is counted, what cannot be ordered is said.
"""
