"""Takes all memory there is, and more."""

hoard = []
while True:
    hoard.append(b"x" * (1 << 20))
