"""Giving away what was made here: checkpoints and galleries, to a repository on the Hub.

What is published is what `xmr_core.hub` fetches: the same files, with a README generated from the
card. The answer is an address with the revision to pin.
"""
