"""Data sets: what they contain, where their files are, how their splits are made."""
