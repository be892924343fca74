"""Poses for browsers over WebSocket, and motion JPEG where the camera is shared; the extra `[web]`."""
