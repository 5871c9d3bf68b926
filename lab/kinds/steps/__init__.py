"""One module for each thing that can be done in a run; the module's name is the word."""
