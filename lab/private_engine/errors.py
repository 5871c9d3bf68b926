"""What a user is told when the private engine cannot be made, started or stopped.

Law: words only; nothing here looks at the machine.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from lab.errors import EngineError

GET_DOCKER = """\
install Docker, then run the same command again:
  macOS, Windows   install Docker Desktop and start it
  Debian, Ubuntu   sudo apt-get install docker.io
  Fedora           sudo dnf install moby-engine
  Arch             sudo pacman -S docker
on Linux, start it (sudo systemctl start docker) and let yourself use it
(sudo usermod -aG docker "$USER", then log in again);
`docker version` shows a Server section once all is well"""


class PrivateEngineError(EngineError):
    """The private engine could not be made, started or stopped."""


def no_engine(reason: str) -> PrivateEngineError:
    """The error for a machine where no engine answers and none can be started, `reason` said."""
    return PrivateEngineError(
        f"no Docker Engine answers, and the lab cannot start one of its own: {reason}",
        help=GET_DOCKER,
    )


@contextmanager
def told(doing: str) -> Iterator[None]:
    """Turn what the system refuses meanwhile into a PrivateEngineError: no traceback for users."""
    try:
        yield
    except (OSError, subprocess.SubprocessError) as error:
        raise PrivateEngineError(f"{doing} the private engine failed: {error}") from error
