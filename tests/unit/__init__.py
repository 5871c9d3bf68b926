"""One file per module: no Docker, no sleep."""
