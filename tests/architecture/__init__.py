"""The project held to its own rules: layers, sizes, names, documents, scenarios."""
