"""Run as a directory: makes the directory a package, whatever its name, and begins.

Law: nothing else happens here. The standard library stays first on the path.
"""

import sys
from importlib import import_module

parent, _, name = sys.path.pop(0).rstrip("/").rpartition("/")
sys.path.append(parent or ".")

if __name__ == "__main__":
    sys.exit(import_module(f"{name}.loop").main())
