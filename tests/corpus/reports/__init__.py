"""Golden renderings of reports, and the results they are rendered from."""
