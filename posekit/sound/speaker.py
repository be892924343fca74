"""The way to the sound card: one thread that owns pygame's mixer, and feeds it what is to be heard."""

from __future__ import annotations

import atexit
import sys
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from posekit.clock import SystemClock
from posekit.runtimes.quiet import quiet_stderr
from posekit.sound.waves import Voice, as_stereo, mix, plucked

if TYPE_CHECKING:
    from collections.abc import Callable

RATE = 44_100
"""Samples per second asked for."""
BUFFER = 512
"""Samples that the sound card is given at a time: 12 ms."""
PIECE, LONGEST_PIECE = 2 * BUFFER, 8 * BUFFER
"""Samples that a tone is computed for at a time. A multiple of `BUFFER`: what ends within a buffer would
leave a gap before what follows. It doubles where this thread is not let in time to the processor."""
GAPS = 3
"""How many gaps in a row of `GAP_SECONDS` make the pieces longer."""
GAP_SECONDS = 10.0
VOICES = 32
"""How many plucked notes sound at once; more are left out."""
NOTES_WAIT = 64
LATEST = 0.25
"""Seconds after which a note that could not be played is left out."""
CLOSE_SECONDS = 2.0
"""How long a driver may take to close before it is left behind."""
FADE_MS = 30


@dataclass(frozen=True)
class _Note:
    frequency: float
    volume: float
    decay: float
    asked: float


class Speaker:
    """Plays tones and notes through pygame's mixer; silent, after one sentence, where there is no sound.

    It opens when the first is asked for, in its own thread, so that a driver that takes its time holds up no
    picture; every call returns at once and none raises. A tone is heard 12 to 60 ms after it was changed, a
    note after 12, and whatever the system's own driver adds.
    """

    def __init__(self) -> None:
        self.report: Callable[[str], None] | None = None
        """Who is told that there is no sound; without anybody it is written to stderr."""
        self.failure: str | None = None
        """Why there is none; None while all is well."""
        self.gaps = 0
        """How often a tone was not computed in time, since it was opened."""
        self._voices: list[Voice] = []
        self._notes: deque[_Note] = deque(maxlen=NOTES_WAIT)
        self._lock, self._wake, self._closing = threading.Lock(), threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._clock = SystemClock()
        self._piece, self._late = PIECE, deque[float](maxlen=GAPS)

    def sing(self, voice: Voice) -> None:
        """Let a voice be heard, from now until it ends."""
        with self._lock:
            if voice not in self._voices:
                self._voices.append(voice)
        self._open()

    def pluck(self, frequency: float, volume: float, decay: float) -> None:
        """Play a note of so many Hz, with a volume from 0 to 1, that takes `decay` seconds to die away."""
        self._notes.append(_Note(round(frequency, 2), volume, round(decay, 3), self._clock.now()))
        self._open()

    def close(self) -> None:
        """Fade out and close; what is asked for afterwards opens it again. Twice is harmless."""
        thread = self._thread
        if thread is not None:
            self._closing.set()
            self._wake.set()
            thread.join(CLOSE_SECONDS)
        with self._lock:
            self._voices.clear()
        self._notes.clear()
        self._thread, self.failure = None, None

    def _open(self) -> None:
        if self._thread is None and self.failure is None:
            self._closing = threading.Event()
            self._thread = threading.Thread(
                target=self._run, args=(self._closing,), name="posekit sound", daemon=True
            )
            self._thread.start()
        self._wake.set()

    def _run(self, closing: threading.Event) -> None:
        try:
            with _Mixer(self.close) as mixer:
                while not closing.is_set():
                    self._wake.wait(self._feed(mixer))
                    self._wake.clear()
        except Exception as error:  # whatever a driver does, the picture goes on
            if not closing.is_set():
                self._fail(error)

    def _feed(self, mixer: _Mixer) -> float | None:
        """Hand over what is due; return in how many seconds to look again, None if nothing sounds."""
        while self._notes:
            one = self._notes.popleft()
            if self._clock.now() - one.asked < LATEST:
                mixer.strike(plucked(one.frequency, one.decay, mixer.rate), one.volume)
        with self._lock:
            self._voices = [voice for voice in self._voices if not (voice.is_ending and voice.is_silent)]
            voices = [voice for voice in self._voices if not voice.is_silent]
        if not voices:
            mixer.is_streaming = False
            return None
        if mixer.wants_more:
            if mixer.has_run_dry:
                mixer.is_streaming = False
                self._note_gap(voices)
            if not mixer.go_on(mix(voices, self._piece, mixer.rate)):
                self._note_gap([])
        return self._piece / mixer.rate / 4

    def _note_gap(self, voices: list[Voice]) -> None:
        self.gaps += 1
        now = self._clock.now()
        self._late.append(now)
        if len(self._late) == GAPS and now - self._late[0] < GAP_SECONDS:
            self._piece = min(2 * self._piece, LONGEST_PIECE)
            self._late.clear()
        for voice in voices:
            voice.start_over()

    def _fail(self, error: Exception) -> None:
        reason = " ".join(str(error).split()) or type(error).__name__
        self.failure = f"there is no sound ({reason}); the sketch goes on in silence"
        if self.report is not None:
            self.report(self.failure)
        elif sys.stderr is not None:
            sys.stderr.write(f"posekit: {self.failure}\n")


class _Mixer:
    """pygame's mixer, opened by us or by the sketch; one channel of it is a stream. For one thread only.

    `close` ends that thread; it is called before pygame quits.
    """

    def __init__(self, close: Callable[[], None]) -> None:
        # Here, not on top: without a sound in a sketch nothing of it is loaded.
        from posekit.sketch.quiet_pygame import pygame

        # pygame crashes when one thread ends its mixer while another asks it something.
        pygame.register_quit(close)
        self._mixer: Any = pygame.mixer
        self._is_ours = self._mixer.get_init() is None
        self.is_streaming = False

    def __enter__(self) -> _Mixer:
        if self._is_ours:
            with quiet_stderr():  # ALSA tells at length that there is no card
                self._mixer.init(RATE, -16, 2, BUFFER, allowedchanges=0)
        self.rate: int
        self.rate, form, self.channels = self._mixer.get_init()
        if form != -16:
            raise ValueError(f"the sketch has opened pygame's mixer with samples of {form} bits; use -16")
        self._mixer.set_num_channels(max(VOICES, self._mixer.get_num_channels()))
        self._mixer.set_reserved(1)
        self._stream = self._mixer.Channel(0)
        return self

    def __exit__(self, *_: object) -> None:
        if self._mixer.get_init() is None:
            return
        self._mixer.fadeout(FADE_MS)
        threading.Event().wait(2 * FADE_MS / 1000)
        if self._is_ours:
            self._mixer.quit()

    def strike(self, samples: Any, volume: float) -> None:
        """Play samples once, if there is a channel free."""
        channel = self._mixer.find_channel()
        if channel is not None:
            channel.set_volume(volume)
            channel.play(self._sound(samples))

    @property
    def wants_more(self) -> bool:
        """Whether nothing waits to be played after what sounds now."""
        return self._stream.get_queue() is None

    @property
    def has_run_dry(self) -> bool:
        """Whether the stream has come to its end although it was to go on."""
        return self.is_streaming and not self._stream.get_busy()

    def go_on(self, samples: Any) -> bool:
        """Play samples right after those before; return False where that came to an end meanwhile."""
        sound = self._sound(samples)
        is_begun, self.is_streaming = self.is_streaming, True
        if self._stream.get_busy():
            self._stream.queue(sound)
            return True
        self._stream.play(sound)
        return not is_begun

    def _sound(self, samples: Any) -> Any:
        return self._mixer.Sound(buffer=as_stereo(samples, self.channels))


speaker = Speaker()
"""The one that every tone of this process is heard through."""
atexit.register(speaker.close)
