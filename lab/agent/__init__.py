"""The client side of the agent: the conversation, and two ways to have a program to talk to.

Law: importing it starts nothing and imports little; the privileged work is all in program/.
"""

from lab.agent.choice import early_agent, open_agent

__all__ = ["early_agent", "open_agent"]
