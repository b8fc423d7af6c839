"""The web page; Gradio appears in this package alone.

`ui` is layout and wiring, `actions` turns events into questions to the Engine, `public` is what
programs and agents can ask, `render` turns
records into what the browser draws, `wording` has every sentence, `media` serves clips by id, and
`assets` is what runs in the browser.
"""

import os

# Gradio reads these once, when it is imported; importing anything of this package comes first.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
