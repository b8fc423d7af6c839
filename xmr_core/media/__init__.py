"""Files into frames: accurate, bounded, and in processes that may die.

`worker.MediaReader` is what servers and indexing use; `frames.sample_frames` does the same work in
the calling process. Importing this package loads no decoder.
"""
