"""Socket Lab: run socket programs as if each lived on its own machine, and prove what they did."""

__version__ = "0.1.0"
