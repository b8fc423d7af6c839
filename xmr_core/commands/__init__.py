"""What the command line can do: one function per command, its docstring is its help."""
