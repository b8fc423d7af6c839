"""The one training loop, shared by all methods."""
