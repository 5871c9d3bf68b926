"""Words that people write where they are no keys, and what to write instead."""

_EXPECTED = "what must be seen stands at the end: expect: {NODE: {stdout: ..., exit: 0}}"

SCENARIO = {
    "name": "a scenario is called as its file is",
    "description": "say it in a sentence: intent: ... must ...",
    "version": "leave it out",
    "services": "write nodes: {server: {service: NAME}}",
    "topology": "write networks: and nodes: themselves",
    "tests": "write steps: and expect:",
    "then": "write expect:",
    "setup": "write steps: they are done in order",
    "netem": "write impair: [{network: lan, delay: 50ms}]",
    "volumes": "write shares: {NAME: {}}, and under each node shares: {NAME: /run/NAME}",
    "order": "write it under expect: {NODE: {after: {node: ..., line: ..., comes: ...}}}",
}
NODE = {
    "expect": _EXPECTED,
    "stdout": _EXPECTED,
    "stderr": _EXPECTED,
    "exit": _EXPECTED,
    "command": "write image: NAME with args, or service: NAME",
    "cmd": "write image: NAME with args, or service: NAME",
    "program": "write service: NAME, or image: NAME",
    "environment": "write env: {NAME: value}",
    "ports": "a service knows its ports; another is an argument: args: [--port, 3490]",
    "port": "a service knows its port; another is an argument: args: [--port, 3490]",
    "ip": "write networks: {lan: {address: 192.0.2.10}}",
    "address": "write networks: {lan: {address: 192.0.2.10}}",
    "depends_on": "nodes start in the order written; steps: say it in another",
    "depends-on": "nodes start in the order written; steps: say it in another",
    "replicas": "write count: 3",
    "wait": "what makes it ready is written ready: {stdout: ...}",
    "hostname": "a node is called by its name",
    "type": "write service: NAME, or role: router",
    "volumes": "write shares: {NAME: /run/NAME}, and shares: {NAME: {}} beside nodes:",
    "mounts": "write shares: {NAME: /run/NAME}, and shares: {NAME: {}} beside nodes:",
}
NETWORK = {
    "ipv6": "write family: ipv6",
    "ipv4": "write family: ipv4",
    "type": "write family: ipv4, ipv6 or dual",
    "driver": "leave it out: the lab makes the network",
    "impair": "write impair: [{network: lan, loss: 20%}] at the top of the file",
    "loss": "write impair: [{network: lan, loss: 20%}] at the top of the file",
    "delay": "write impair: [{network: lan, delay: 50ms}] at the top of the file",
    "latency": "write impair: [{network: lan, delay: 50ms}] at the top of the file",
    "nodes": "each node says which networks it is on: networks: [lan]",
}
SHARE = {
    "path": "each node says where it has it: shares: {NAME: /run/NAME}",
    "nodes": "each node says which shares it has: shares: {NAME: /run/NAME}",
    "mode": "leave it out: every program may write to a share",
}
PLACE = {
    "ip": "write address: 192.0.2.10",
    "ipv4": "write address: 192.0.2.10",
    "ipv6": 'write address: "2001:db8::10"',
}
