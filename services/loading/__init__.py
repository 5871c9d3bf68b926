"""What load-client is made of: opening many connections, talking on all of them, the figures.

Modules: exchange (what is said and must come back), opening, talking, watching (the epoll loop with
an end, and what went wrong). None prints; the client says what they found.
"""
