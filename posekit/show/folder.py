"""The show folder: where everything that is set up in the room lies, by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from posekit.ignore_file import IGNORE_FILE

SHOW_FILE = "show.toml"
SECRETS_FILE = "secrets.env"


@dataclass(frozen=True)
class ShowFolder:
    """The folder of a show. Supervisor, engine and window run with it as their working folder."""

    path: Path
    """Absolute."""
    show_file: str = SHOW_FILE
    """The name of the settings file in it."""

    @classmethod
    def of(cls, file: Path | None, sketch: str | None = None) -> ShowFolder:
        """Return the folder of a show file, else of a sketch's file, else the one that we are in."""
        if file is not None:
            whole = file.absolute()
            return cls(whole.parent, whole.name)
        beside = Path(sketch).absolute() if sketch else None
        if beside is not None and beside.suffix == ".py" and beside.is_file():
            return cls(beside.parent)
        return cls(Path.cwd())

    def within(self, name: str | Path) -> Path:
        """Return where a path that the show's file names is: relative ones start in this folder."""
        return self.path / Path(name).expanduser()

    @property
    def settings_file(self) -> Path:
        """`show.toml`: every setting of the show."""
        return self.path / self.show_file

    @property
    def secrets_file(self) -> Path:
        """`secrets.env`: what `$NAME` in the settings stands for; never packed, never shown."""
        return self.path / SECRETS_FILE

    @property
    def zones_file(self) -> Path:
        """`zones.toml`: places in the picture."""
        return self.path / "zones.toml"

    @property
    def ignore_file(self) -> Path:
        """`ignore.toml`: where nobody is looked at, as it was drawn on the status page."""
        return self.path / IGNORE_FILE

    @property
    def room_file(self) -> Path:
        """`room.toml`: keystone and stage of each display."""
        return self.path / "room.toml"

    @property
    def view_file(self) -> Path:
        """`view.toml`: the edges of the empty room, as the camera saw them at calibration."""
        return self.path / "view.toml"

    @property
    def models(self) -> Path:
        """`models/`: models that came with a packed show."""
        return self.path / "models"

    @property
    def records(self) -> Path:
        """`records/`: what the show writes down."""
        return self.path / "records"

    @property
    def counts_file(self) -> Path:
        """`records/counts.sqlite`: visits, counted."""
        return self.records / "counts.sqlite"

    @property
    def logs(self) -> Path:
        """`records/logs/`: `show.jsonl` and the ones before it."""
        return self.records / "logs"
