"""Tests that need a Docker engine, or the machine itself."""
