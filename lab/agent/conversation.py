"""Requests and answers over a pair of byte streams.

Law: any thread may ask; answers are matched by number, news (`tell`) goes to its listener from
the reader thread. Every wait is bounded, and the other side's end wakes all who wait at once.
"""

import itertools
import json
import threading
from collections.abc import Callable
from typing import Any

from .failures import AgentDeadError, failure

PATIENCE = 20.0  # seconds for an answer; they take milliseconds
_HELP = "run it again; if it happens again, `lab doctor` says what this engine can do"


class _Question:
    def __init__(self) -> None:
        self.answered = threading.Event()
        self.answer: dict[str, Any] | None = None


class Conversation:
    """`read(n)` gives b"" at the end; `last_words()` what the other side complained about."""

    def __init__(
        self,
        read: Callable[[int], bytes],
        write: Callable[[bytes], object],
        *,
        news: Callable[[str], None],
        last_words: Callable[[], str],
        patience: float,
    ) -> None:
        self._read = read
        self._write = write
        self._news = news
        self._last_words = last_words
        self._patience = patience
        self._lock = threading.Lock()  # of the questions, and of the order of writes
        self._questions: dict[int, _Question] = {}
        self._numbers = itertools.count(1)
        self._end: str | None = None
        self._reader = threading.Thread(target=self._listen, name="agent", daemon=True)
        self._reader.start()

    @property
    def over(self) -> bool:
        """Whether the other side has ended."""
        return self._end is not None

    def ask(self, word: str, **details: object) -> Any:
        """The answer. Raises AgentDeadError, or what the refusal's kind means."""
        number, question = next(self._numbers), _Question()
        line = json.dumps({"id": number, "do": word, **details}).encode() + b"\n"
        self._put(number, question, line)
        try:
            if not question.answered.wait(self._patience):
                raise AgentDeadError(
                    f"the agent did not answer {word!r} within {self._patience:g} s", help=_HELP
                )
        finally:
            with self._lock:
                self._questions.pop(number, None)
        return self._result(question)

    def join(self, limit: float) -> bool:
        """Wait for the other side's end, `limit` seconds at most; whether it came."""
        if threading.current_thread() is not self._reader:
            self._reader.join(limit)
        return self.over

    def _put(self, number: int, question: _Question, line: bytes) -> None:
        with self._lock:
            if self._end is not None:
                raise AgentDeadError(self._end, help=_HELP)
            self._questions[number] = question
            try:
                self._write(line)
            except OSError:
                pass  # it has ended: the reader finds out too, and says why
            except BaseException:
                del self._questions[number]
                raise

    def _result(self, question: _Question) -> Any:
        answer = question.answer
        if answer is None:
            raise AgentDeadError(self._end or "the agent has ended", help=_HELP)
        if "error" in answer:
            raise failure(str(answer.get("kind")), str(answer["error"]))
        return answer.get("ok")

    def _listen(self) -> None:
        reason = "the agent ended unexpectedly"
        rest = b""
        try:
            while data := self._read(65536):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._hear(json.loads(line))
        except OSError as error:
            reason = f"the agent cannot be reached any more: {error}"
        except ValueError:
            reason = "the agent said something that is no answer"
        finally:
            self._finish(reason)

    def _hear(self, message: dict[str, Any]) -> None:
        if "tell" in message:
            self._news(message["tell"])
            return
        with self._lock:
            question = self._questions.pop(message["id"], None)
        if question is not None:
            question.answer = message
            question.answered.set()

    def _finish(self, reason: str) -> None:
        words = self._last_words().strip()
        with self._lock:
            self._end = f"{reason}; its last words:\n{words}" if words else reason
            left, self._questions = self._questions, {}
        for question in left.values():
            question.answered.set()
