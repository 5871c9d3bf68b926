"""stream-client, wrong: it says that the server refused without having asked it."""

import sys

from clibrary.arguments import CommandLine
from clibrary.stdio import complain

CommandLine("usage: client hostname", None, 1, family="any", port=3490)
complain("client: connect: Connection refused")
complain("client: failed to connect")
sys.exit(2)
