"""Writes what terminals, reports, servers and the lab itself might obey, and exits 7."""

import os
import struct

OBEYED = [
    b"\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b31m\x1bP1$r\x1b\\\x1bc",  # titles, colours, a reset
    b"\x1b]52;c;ZXZpbA==\x07\x1b]8;;http://192.0.2.1/\x07click\x1b]8;;\x07",  # clipboard, links
    "\u202egnp.exe\u2066\u200b\ufeff".encode(),  # text that runs backwards, and text unseen
    b"\n::error file=x.c,line=1::owned\n::set-output name=a::b\n##[error]owned\n",
    b"\n]]><testcase name='owned'/><![CDATA[&#27;&lt;\n",
    b"\nok 1 - owned\nnot ok 2 - owned\n1..2\nBail out! owned\n",
    b"\n# owned\n<script>alert(1)</script>\n| a | b |\n```\n",
    b'\n{"case": "owned", "verdict": "PASS"}\nPASS  owned  0.01 s\n',
    b"X\0\0\0\0\0\0\2\0\0\0\0\0\0\0\0\0\0",  # what the holder says when a program exits 0
    b"\1\0\0\0\0\0\0\x12X\0\0\0\0\0\0\2\0\0\0\0\0\0\0\0\0\0",  # the same as the engine passes it on
    bytes(range(256)),
    "".join(map(chr, range(0x80, 0xA0))).encode(),
    b"\r\x08\x08\x7f\0\xff\xfe\xc0\x80\xed\xa0\x80",
]
for stream in 1, 2:
    for part in OBEYED:
        os.write(stream, part)
    os.write(stream, struct.pack(">BBHIQ", ord("X"), 0, 0, 2, 0) + b"\0\0")
os._exit(7)
