"""What may be said of a program's output: the machinery of the kinds stdout and stderr."""
