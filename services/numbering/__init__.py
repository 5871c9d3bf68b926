"""Numbered datagrams, and what an answer to one says of the way there and back.

IP may lose a datagram, deliver it twice, late, or before one that was sent earlier. A number in
each tells which one it is; the number of the try tells a late answer from a doubled one. Nothing
here sends, waits or prints.
"""

from __future__ import annotations


class Message:
    """One of the messages, as far as it has come."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.tries = 0
        self.deadline = 0.0  # of the latest try, in seconds
        self.answered = False
        self.lost = False


class Datagram:
    """One try of a message; `place` is its place among all that were sent."""

    def __init__(self, message: Message, place: int) -> None:
        self.message = message
        self.attempt = message.tries
        self.place = place
        self.echoed = False


class Ledger:
    """All messages, all that was sent, and the judgement on each answer."""

    def __init__(self, messages: int) -> None:
        self._all = [Message(number) for number in range(1, messages + 1)]
        self._next = 0  # which of them is the next to send
        self._sent: dict[bytes, Datagram] = {}
        self._latest: Datagram | None = None  # of those echoed, the one sent last
        self.open: list[Message] = []  # sent, and neither answered nor lost
        self.reordered = 0
        self.doubled = 0
        self.late = 0

    def begin(self) -> Message | None:
        """The next message to send; None after the last."""
        if self._next == len(self._all):
            return None
        self._next += 1
        self.open.append(self._all[self._next - 1])
        return self.open[-1]

    def send(self, message: Message) -> bytes:
        """The datagram for another try of a message: `message 3 try 1`."""
        message.tries += 1
        data = b"message %d try %d" % (message.number, message.tries)
        self._sent[data] = Datagram(message, len(self._sent))
        return data

    def give_up(self, message: Message) -> None:
        """It was sent often enough."""
        message.lost = True
        self.open.remove(message)

    def judge(self, data: bytes) -> tuple[int, str] | None:
        """Of an answer: the number of its message, and what it says. None: it answers nothing."""
        datagram = self._sent.get(data)
        if datagram is None:
            return None
        message = datagram.message
        if datagram.echoed:
            self.doubled += 1
            return message.number, "answered twice, doubled on the way"
        datagram.echoed = True
        if message not in self.open:
            self.late += 1
            return message.number, f"answered late, try {datagram.attempt}"
        message.answered = True
        self.open.remove(message)
        latest = self._latest
        if latest is not None and datagram.place < latest.place:
            self.reordered += 1
            return message.number, f"answered out of order, after message {latest.message.number}"
        self._latest = datagram
        return message.number, "answered"

    def summary(self) -> str:
        """All counts, in one line."""
        answered = sum(message.answered for message in self._all)
        way = f"{self.reordered} reordered, {self.doubled} doubled, {self.late} late"
        return (
            f"sent {len(self._sent)} datagrams for {len(self._all)} messages: "
            f"{answered} answered, {self.lost} lost, {way}"
        )

    @property
    def lost(self) -> int:
        """How many messages were given up."""
        return sum(message.lost for message in self._all)
