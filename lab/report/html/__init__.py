"""A whole run as one HTML file.

Law: one file, and nothing else: no network, no script or font from outside, and a policy in it
that forbids them. What programs wrote is text in it and never markup.
"""
