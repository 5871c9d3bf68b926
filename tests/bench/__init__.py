"""How fast the lab is, beside the engine's own floor and docker compose, in ratios."""
