"""What to say to a firewall so that OSC may come in, in each system's own words."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import NamedTuple

UFW = Path("/etc/ufw/ufw.conf")


class Firewall(NamedTuple):
    """What is known of this machine's firewall."""

    name: str
    """What it is called; empty where none was found."""
    hint: str
    """What to do there to let a port in."""


def find_firewall(port: int, platform: str = sys.platform, ufw: Path = UFW) -> Firewall:
    """Return the firewall and what to tell it. Only files are looked at: asking would take rights."""
    if platform == "win32":
        return Firewall(
            "Windows Defender Firewall",
            "when a program listens for the first time Windows asks: allow it on private networks; later: "
            "Windows Security > Firewall & network protection > Allow an app through firewall "
            "(the receiving program, TouchDesigner.exe say). A network that is set to Public lets nothing in",
        )
    if platform == "darwin":
        return Firewall(
            "the macOS firewall",
            "System Settings > Network > Firewall > Options: the receiving program must say Allow incoming "
            "connections; since macOS 15 also Privacy & Security > Local Network",
        )
    if _is_ufw_on(ufw):
        return Firewall("ufw, which is on", f"sudo ufw allow {port}/udp")
    if shutil.which("firewall-cmd"):
        return Firewall("firewalld", f"sudo firewall-cmd --add-port={port}/udp")
    if shutil.which("nft") or shutil.which("iptables"):
        return Firewall(
            "nftables" if shutil.which("nft") else "iptables",
            f"if its rules drop what comes in: sudo nft add rule inet filter input udp dport {port} accept",
        )
    return Firewall("", f"no firewall was found; with ufw it would be: sudo ufw allow {port}/udp")


def _is_ufw_on(file: Path) -> bool:
    try:
        return "ENABLED=yes" in file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
