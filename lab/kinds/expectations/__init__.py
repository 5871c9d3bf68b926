"""One module for each thing that can be expected of a node; the module's name is the word."""
