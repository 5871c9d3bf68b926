"""The emulated machine's only program: it loads the modules, has the trials run, and ends.

Law: standard library only, and what the agent runs; a line of JSON for each trial on its console.
"""

import ctypes
import json
import os
import sys
import traceback
from pathlib import Path

sys.path.insert(0, "/")
_FINIT_MODULE = 313  # of x86_64
_POWER_OFF = 0x4321FEDC
_KERNEL = ctypes.CDLL(None, use_errno=True)


def _mount(kind: bytes, where: bytes) -> None:
    if _KERNEL.mount(kind, where, kind, 0, None):
        raise OSError(ctypes.get_errno(), f"mount {where.decode()}")


def _load(folder: str) -> None:
    """Each module, in the order of their names."""
    for path in sorted(Path(folder).iterdir()):
        number = os.open(path, os.O_RDONLY)
        if _KERNEL.syscall(_FINIT_MODULE, number, b"", 0):
            raise OSError(ctypes.get_errno(), f"load {path.name}")
        os.close(number)


def _say(name: str, fact: object) -> None:
    print(json.dumps({name: fact}), flush=True)


def main() -> None:
    """All of it."""
    _mount(b"proc", b"/proc")
    _mount(b"sysfs", b"/sys")
    _mount(b"devtmpfs", b"/dev")
    _load("/modules")
    from tests.kernel.trials import TRIALS, Bench  # noqa: PLC0415 - needs /proc

    for name, trial in TRIALS.items():
        bench = Bench()
        try:
            _say(name, trial(bench))
        except Exception:  # noqa: BLE001 - whatever it is, it is told
            _say(name, {"error": traceback.format_exc()})
        finally:
            bench.close()


if __name__ == "__main__":
    try:
        main()
    except BaseException:  # noqa: BLE001 - the first process must not end
        _say("guest", {"error": traceback.format_exc()})
    _KERNEL.reboot(_POWER_OFF)
