"""connected-talker, wrong: it says what it would have done, and sends nothing."""

import sys

from clibrary.arguments import CommandLine
from clibrary.stdio import complain, printf

usage = "usage: connected-talker hostname message"
line = CommandLine(usage, None, 2, family="ipv6", port=4950, wait=1)
hostname, message = line.arguments
printf("connected-talker: sent %d bytes to %s\n", len(message), hostname)
complain("connected-talker: recv: Connection refused")
sys.exit(1)
