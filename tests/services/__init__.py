"""Each service over loopback, without Docker: bytes, exit status, every error path, signals."""
