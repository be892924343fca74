"""The window of a gallery: `python -m posekit.gallery.window`, started and owned by a supervisor.

It runs the user's sketch as `posekit run` does, with scenes, events and pictures from its owner. The first
line on stdin is the order, messages follow; when stdin closes, the owner is gone and the window ends. It
answers on stdout with messages. `posekit/gallery/link.py` has them all.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from contextlib import closing, suppress
from threading import Thread, Timer
from typing import TYPE_CHECKING, Any, BinaryIO

from posekit.clock import SystemClock
from posekit.engine.heartbeat import Heartbeat
from posekit.engine.outbox import Outbox
from posekit.engine.owned import claim_stdin, claim_stdout, die_with_owner
from posekit.engine.pictures import SharedPictures
from posekit.engine.wire import Message, read_messages
from posekit.errors import PosekitError
from posekit.gallery.link import read_letters
from posekit.gallery.link_feed import LinkFeed
from posekit.gallery.link_receiver import LinkReceiver
from posekit.gallery.orders import WindowOrder
from posekit.gallery.window_host import GalleryHost
from posekit.outputs.osc.opening import open_messages
from posekit.runner import interrupt
from posekit.runner.remote import Remote
from posekit.runner.run import run_sketch
from posekit.settings import Settings
from posekit.sketch.loader import load_sketch
from posekit.sketch.problems import exit_error

if TYPE_CHECKING:
    from posekit.sketch.loader import LoadedSketch

LAST_RESORT_SECONDS = 0.9
"""How long the window may take to end once its owner is gone, before it ends itself without grace."""


def main() -> int:
    """Run the window until its owner, its user or its sketch ends it; return the exit code."""
    answers, told = claim_stdout(), claim_stdin()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the owner decides
    interrupt.install()
    line = told.readline()
    if not line:
        return 1
    order = WindowOrder.decode(line)
    outbox = Outbox(answers)
    die_with_owner(order.owner)
    try:
        code = _run(order, outbox, told)
    except PosekitError as error:
        outbox.put(Message("failure", {"text": str(error)}))
        code = error.exit_code
    except KeyboardInterrupt:  # somebody asked it to end
        code = 0
    except Exception as error:
        traceback.print_exc()
        outbox.put(Message("failure", {"text": f"the window failed: {type(error).__name__}: {error}"}))
        code = 1
    outbox.close()
    return code


def _run(order: WindowOrder, outbox: Outbox, told: BinaryIO) -> int:
    def report(text: str) -> None:
        outbox.put(Message("report", {"text": text}))

    clock, settings = SystemClock(), Settings(**order.settings)
    with closing(SharedPictures.open(order.pictures)) as pictures:
        feed = LinkFeed(order, pictures, lambda wish: outbox.put(Message("wish", wish)))
        receiver = LinkReceiver(settings.osc_in, clock)
        host = GalleryHost(order, feed, clock, lambda: outbox.put(Message("ready", {})), report)
        owner = _Owner(feed, receiver, host)
        Thread(target=owner.listen, args=(told,), name="owner", daemon=True).start()
        with closing(Heartbeat(outbox, clock, host.say)) as heartbeat, closing(feed):
            host.moved = heartbeat.step
            loaded = load_sketch(order.sketch)
            for remark in loaded.remarks:
                report(remark)
            _begin_with(loaded, order.parameters)
            remote = Remote(clock, receiver, open_messages(settings, report), report)
            remote.is_paused = order.paused
            with closing(remote):
                try:
                    run_sketch(loaded, feed, settings, clock=clock, report=report, remote=remote, host=host)
                except SystemExit as end:
                    if end.code not in (None, 0):  # else it ended itself in good order
                        raise exit_error(loaded.path, end) from end
    if not owner.is_ending:
        outbox.put(Message("quit", {}))
    return 0


def _begin_with(loaded: LoadedSketch, values: dict[str, Any]) -> None:
    """Set parameters to what they were in the window before; what cannot be any more is left out."""
    for name, value in values.items():
        with suppress(PosekitError):
            loaded.parameters.put(name, value)


class _Owner:
    """Hands on what the owner says, and ends the window when there is none any more."""

    def __init__(self, feed: LinkFeed, receiver: LinkReceiver, host: GalleryHost) -> None:
        self._feed, self._receiver, self._host = feed, receiver, host
        self.is_ending = False

    def listen(self, told: BinaryIO) -> None:
        """Do what the owner says until stdin closes, which it does however the owner ends."""
        with suppress(OSError, ValueError):
            for message in read_messages(told):
                self._take(message)
        timer = Timer(LAST_RESORT_SECONDS, os._exit, (1,))
        timer.daemon = True
        timer.start()
        self._end()

    def _take(self, message: Message) -> None:
        if message.kind in ("scene", "blank", "events"):
            self._feed.take(message)
        elif message.kind == "letters":
            self._receiver.take(read_letters(message))
        elif message.kind == "end":
            self._end()
        elif message.kind == "tell":
            self._host.tell(message.data)

    def _end(self) -> None:
        self.is_ending = True
        self._feed.finish()


if __name__ == "__main__":
    # As in posekit.engine: a user's random.py beside her sketch is not Python's own.
    if sys.version_info < (3, 11) and sys.path[0] == os.getcwd():  # noqa: PTH109
        del sys.path[0]
    code = main()
    # No tidying up by the interpreter: a driver's or a sketch's own threads may hold it up.
    sys.stderr.flush()
    os._exit(code)
