"""`scenes`, the bundled world: drawn clips with captions and with ground truth for explanations.

Read in this order: `world` (what exists), `script` (what happens in a clip, and the splits),
`captions` (sentences about it), `choreography` (where everything is at every moment), `render`
(frames and boxes), `dataset` (the shipped test clips and the endless training clips).
"""
