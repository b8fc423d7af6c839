"""Prints a code block of README.md, so that CI runs what a newcomer reads.

Blocks are found by the comment in front of them, `<!-- ci: NAME -->`.
"""

import re
import sys
from pathlib import Path

text = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
block = re.search(rf"<!-- ci: {re.escape(sys.argv[1])} -->\n```\w*\n(.*?)\n```", text, re.DOTALL)
if block is None:
    sys.exit(f"README.md has no block marked '<!-- ci: {sys.argv[1]} -->'")
sys.stdout.write(block[1] + "\n")
