"""multichatserver, wrong: stdout has a full buffer (setvbuf, _IOFBF), and nothing flushes it."""

from parts.room import Room


class Silent(Room):
    def __init__(self) -> None:
        self.stdout = open(1, "wb", buffering=1 << 16, closefd=False)  # noqa: SIM115 # for ever
        super().__init__()

    def show(self, message: bytes) -> None:
        self.stdout.write(message)


Silent().serve()
