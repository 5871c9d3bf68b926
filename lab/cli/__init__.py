"""The command line: chooses engine, clock and renderer, and says what happened.

Law: commands read what was typed, ask the parts of the lab and print; they decide nothing a
test of another package could decide. What a command needs is imported when it runs, so that
`lab --help` and completion stay quick and `lab list` never loads Docker's SDK.
"""
