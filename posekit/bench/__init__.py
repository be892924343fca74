"""Measures posekit on this machine, with the real parts: an engine process, OSC over loopback, a window."""
