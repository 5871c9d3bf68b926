"""A suite's topologies by docker compose, one after another: `up -d`, the programs, `down`.

Law: a file for each case with the same image, programs, networks, addresses and shares, and
nothing that compose would take time for and nobody asked: containers are killed and not waited
for (`down -t 0`). The programs are left alone for as long as they take. Prints a JSON line on
stderr: `whole`, in seconds, without what writing the files takes.

usage: python -m tests.bench.suite_compose SECONDS.json    (how long programs take, by case)
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.engine import payloads
from lab.ports import Abilities, NodeSpec
from tests.bench import material
from tests.bench.compose import compose, version
from tests.bench.material import Material


def main(seconds: dict[str, float]) -> None:
    """All cases that have a time, one after another."""
    able = material.abilities(material.client())
    found = [case for case in material.cases() if case.name in seconds]
    made = material.materials(found, able, seconds)
    command = compose()
    with tempfile.TemporaryDirectory() as folder:
        calls = [(case, _call(command, case, able, Path(folder))) for case in made]
        began = time.monotonic()
        for case, call in calls:
            subprocess.run([*call, "up", "-d"], check=True, capture_output=True)
            time.sleep(case.seconds)
            subprocess.run([*call, "down", "-t", "0", "-v"], check=True, capture_output=True)
        whole = time.monotonic() - began
    sys.stderr.write(json.dumps({"whole": whole}) + "\n")


def _call(command: list[str], case: Material, able: Abilities, folder: Path) -> list[str]:
    project = case.nodes[0].labels["lab.run"]
    path = folder / f"{project}.json"
    path.write_text(json.dumps({**version(), **_file(case, able)}))  # JSON is YAML
    return [*command, "-f", str(path), "-p", f"floor{project}"]


def _file(case: Material, able: Abilities) -> dict[str, Any]:
    networks = {}
    for spec in case.networks:
        body = payloads.network(spec, able)
        networks[spec.name] = {
            "driver": "bridge",
            "driver_opts": body["options"],
            "enable_ipv6": body["enable_ipv6"],
            "internal": body["internal"],
            "ipam": {"config": [{"subnet": subnet} for subnet in spec.subnets]},
        }
    shares = {}
    for share in case.shares:
        shares[share.name] = {"driver_opts": payloads.share(share)["driver_opts"]}
    services = {spec.hostname: _service(spec, case.programs) for spec in case.nodes}
    return {"services": services, "networks": networks, "volumes": shares}


def _service(spec: NodeSpec, programs: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    links = {link.network: _addresses(link) for link in spec.links}
    return {
        "image": spec.image,
        "command": [word.replace("$", "$$") for word in programs[spec.name] or ("sleep", "60")],
        "stdin_open": True,
        **({"networks": links} if links else {"network_mode": "none"}),
        "volumes": [f"{mount.share}:{mount.path}" for mount in spec.mounts],
    }


def _addresses(link: Any) -> dict[str, str]:
    given = {"ipv4_address": link.ipv4, "ipv6_address": link.ipv6}
    return {key: address for key, address in given.items() if address}


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
