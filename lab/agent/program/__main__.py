"""Run as a directory: makes the directory a package, whatever its name, and begins.

Law: nothing else happens here. The standard library stays first on the path. The program keeps
nothing that would have to be written at its end, so the interpreter need not take itself apart
while the lab waits.
"""

import os
import sys
from importlib import import_module

parent, _, name = sys.path.pop(0).rstrip("/").rpartition("/")
sys.path.append(parent or ".")

if __name__ == "__main__":
    os._exit(import_module(f"{name}.loop").main())
