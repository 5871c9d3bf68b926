"""The pages under docs/, done as a reader would do them."""
