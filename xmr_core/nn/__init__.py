"""Pieces that two or more methods are built from."""
