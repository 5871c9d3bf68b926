"""What a packet says, layer by layer, as a frozen record.

Law: the layers are taken apart by dpkt, imported by `layers` and nowhere else, and only by a run
that asks what was in a packet. What is no well-formed packet is one of no protocol, never an
error.
"""
