"""The process that runs source to OSC, and its owner's side."""
