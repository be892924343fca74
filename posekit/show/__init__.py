"""What a show in a gallery is: its folder, its file, its hours, its state, and what may be asked of it."""
