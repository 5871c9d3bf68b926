"""multichatserver, wrong: send waits until a user has taken its message, and nobody is served."""

from parts.room import Room

Room().serve()
