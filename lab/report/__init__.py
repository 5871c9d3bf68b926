"""What a run came to, as text for people and lines for programs.

Law: a report is a pure function of a ScenarioResult (or of Progress events, or of a Scenario).
Nothing here decides a verdict, touches Docker or writes to a stream; only `live` imports rich.
What a program under test wrote reaches a terminal through `escapes`, never raw.
"""
