"""The holder, driven over pipes as an ordinary process: no Docker."""
