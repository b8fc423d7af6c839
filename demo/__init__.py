"""The web page: layout in `ui`, events in `actions`, pictures of records in `render`, sentences in
`wording`. Gradio appears in this package alone.
"""

import os

# Gradio reads these once, when it is imported; importing anything of this package comes first.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
