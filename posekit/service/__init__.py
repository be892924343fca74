"""Starting with the machine: systemd units, launchd agents and Windows tasks."""
