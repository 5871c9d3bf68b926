"""Kinds: the words of the scenario language for steps and expectations, one module each.

Law: adding a module to `steps/` or `expectations/` is all it takes to add a word. Its docstring
documents it (first sentence, then a YAML example, indented), SHAPE says how it is written, and
decode() makes its one frozen type. Kinds act only through lab.ports.Stage and judge only what
was observed.
"""
