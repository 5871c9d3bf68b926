"""multichatserver, wrong: SO_REUSEADDR is left out, so it cannot be started again at once."""

from clibrary.arguments import CommandLine
from clibrary.failure import die
from clibrary.stdio import STDOUT, complain
from parts.room import Room
from sockethelpers import ListeningError, create_listening_socket


class Stubborn(Room):
    def __init__(self) -> None:
        usage = "Usage: PORT MAX_ROOM_SIZE"
        line = CommandLine(usage, None, 2, family="ipv4", usage_on=STDOUT)
        port = int(line.arguments[0])
        try:
            self.listener = create_listening_socket(port, 512, family=line.family, reuseaddr=False)
        except ListeningError as error:
            complain(f"server: {error.call}: {error.strerror}")
            die("server: failed to bind", 1)
        self.users = {}
        self.show(b"started the main poll loop\n")


Stubborn().serve()
