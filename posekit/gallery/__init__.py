"""Unattended running: the supervisor over engine and window, and everything that it looks after."""
