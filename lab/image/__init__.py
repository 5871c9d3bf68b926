"""What the lab's own image is made of."""
