"""The lab on trial."""
