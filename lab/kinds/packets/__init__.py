"""What an expectation on packets asks for: which packets, and how many or in which order."""
