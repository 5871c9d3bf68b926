"""The same two programs by docker compose: up --abort-on-container-exit, then down.

Prints one JSON line on stderr: `whole`, in seconds. Compose cannot wait for a bound port, so its
talker is only started after the listener, as people do.

usage: python -m tests.bench.compose IMAGE
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FILE = """
services:
  listener:
    image: {image}
    command: [python3, -I, -S, /lab/services/listener/listener.py]
    networks: [lan]
  talker:
    image: {image}
    command: [python3, -I, -S, /lab/services/talker/talker.py, listener, hello over IPv6]
    depends_on: [listener]
    networks: [lan]
networks:
  lan:
    driver: bridge
    driver_opts: {{com.docker.network.enable_ipv4: "false"}}
    enable_ipv6: true
    internal: true
    ipam:
      config:
        - subnet: {prefix}::/64
"""


def main(image: str) -> None:
    """Up and down, once."""
    prefix = f"fd5e:{secrets.randbelow(0xFFFF):x}:{secrets.randbelow(0xFFFF):x}:1"
    project = f"floor{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "compose.yaml"
        said = "".join(f'{key}: "{value}"' for key, value in version().items())
        file.write_text(said + FILE.format(image=image, prefix=prefix))
        call = [*compose(), "-f", str(file), "-p", project]
        began = time.monotonic()
        subprocess.run([*call, "up", "--abort-on-container-exit"], check=False, capture_output=True)
        subprocess.run([*call, "down"], check=True, capture_output=True)
        whole = time.monotonic() - began
    sys.stderr.write(json.dumps({"whole": whole}) + "\n")


def compose() -> list[str]:
    """The command for Compose here: LAB_COMPOSE, else the plugin, else the old program."""
    if named := os.environ.get("LAB_COMPOSE"):
        return [named]
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if plugin.returncode == 0:
        return ["docker", "compose"]
    program = shutil.which("docker-compose")
    if program is None:
        raise SystemExit("no docker compose here to compare with")
    return [program]


def version() -> dict[str, str]:
    """What a file for it begins with."""
    # Compose v1 reads enable_ipv6 in files of version 2 only; v2 ignores the version.
    said = subprocess.run([*compose(), "version", "--short"], capture_output=True, check=True)
    return {"version": "2.4"} if said.stdout.startswith(b"1.") else {}


if __name__ == "__main__":
    main(sys.argv[1])
