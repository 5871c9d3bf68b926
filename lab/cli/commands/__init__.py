"""The commands of `lab`, one module each, found by name (lab.cli.group)."""
