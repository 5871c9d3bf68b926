r"""Bytes of programs under test as harmless text, and back.

Law: whatever goes in, what comes out holds no character a terminal would obey.

The lossless form, in JSON lines and on terminals: text that is valid UTF-8 and printable stands
as it is; a backslash is doubled; every other byte is `\xNN`, in lower-case hexadecimal. Newline
and tab stand as they are in `lossless`, while `shown` writes tab and carriage return as `\t`
and `\r`. `restore` gives the bytes back from either.
"""

import re

_NAMED = {"t": b"\t", "r": b"\r", "n": b"\n", "\\": b"\\"}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|([trn\\]))")
_SUSPECT = re.compile(r"[^ -\[\]-~\n]")  # all but printable ASCII without the backslash


def lossless(data: bytes) -> str:
    r"""The bytes as text that a program can turn back; newline and tab as they are."""
    return _SUSPECT.sub(lambda found: _lossless(found[0]), _characters(data))


def shown(data: bytes) -> str:
    r"""The bytes for a terminal: like lossless, but `\t` and `\r` are written out."""
    return _SUSPECT.sub(lambda found: _shown(found[0]), _characters(data))


def harmless(text: str) -> str:
    """A message for a terminal: printable characters, backslashes and newlines as they are."""
    return _SUSPECT.sub(lambda found: _harmless(found[0]), text)


def restore(text: str) -> bytes:
    """The bytes that lossless() or shown() was given. Raises ValueError for a lone backslash."""
    parts, position = [], 0
    for match in _ESCAPE.finditer(text):
        parts.append(_plain(text[position : match.start()]))
        parts.append(bytes.fromhex(match[1]) if match[1] else _NAMED[match[2]])
        position = match.end()
    return b"".join([*parts, _plain(text[position:])])


def _plain(text: str) -> bytes:
    if "\\" in text:
        raise ValueError(f"a backslash that begins no escape in {text!r}")
    return text.encode()


def _characters(data: bytes) -> str:
    """Decoded; bytes that are not UTF-8 as lone surrogates, which _bytewise turns back."""
    return data.decode("utf-8", "surrogateescape")


def _lossless(char: str) -> str:
    if char == "\\":
        return r"\\"
    return char if char == "\t" or char.isprintable() else _bytewise(char)


def _shown(char: str) -> str:
    return {"\t": r"\t", "\r": r"\r"}.get(char) or _lossless(char)


def _harmless(char: str) -> str:
    return char if char.isprintable() else _bytewise(char)


def _bytewise(char: str) -> str:
    data = char.encode("utf-8", "surrogateescape" if "\udc80" <= char <= "\udcff" else "replace")
    return "".join(f"\\x{byte:02x}" for byte in data)
