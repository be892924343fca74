"""Sound: what really comes out, written to a file by SDL's `disk` driver, and what happens without a card."""

from __future__ import annotations

import gc
import math
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posekit.errors import SettingsError, UnknownNameError
from posekit.sound import SCALES, Speaker, Tone, note, note_name, pluck, scale, speaker
from posekit.sound.waves import LOUDEST, Voice, as_stereo, mix, plucked

RATE = 44_100
SOON = 5.0
"""Seconds within which whatever is waited for must have come."""


def until(is_so, what):
    end = time.monotonic() + SOON
    while not is_so():
        assert time.monotonic() < end, f"no {what} within {SOON} s"
        time.sleep(0.002)


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """Let SDL write what is heard to a file; yield what reads it as (N,) floats from -1 to 1."""
    path = tmp_path / "heard.raw"
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    monkeypatch.setenv("SDL_DISKAUDIOFILE", str(path))
    speaker.close()

    def heard():
        if not path.exists():
            return np.zeros(0)
        data = path.read_bytes()
        return np.frombuffer(data[: len(data) // 4 * 4], np.int16)[::2] / 32768

    yield heard
    speaker.close()
    assert threading.active_count() < 50


def pitch_of(samples):
    """Return the frequency in Hz of the strongest partial."""
    count = 1 << 17
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), count))
    return spectrum.argmax() * RATE / count


def loud(heard):
    return lambda: len(heard()) > 4000 and np.abs(heard()[-4000:]).max() > 0.1


# ---------------------------------------------------------------- notes


def test_notes_have_the_frequencies_that_the_world_agreed_on():
    known = {
        "A4": 440.0,
        "C4": 261.6256,
        "A0": 27.5,
        "C#4": 277.1826,
        "Db4": 277.1826,
        "b3": 246.9417,
        69: 440,
    }
    assert {name: note(name) for name in known} == pytest.approx(known, rel=1e-6)
    assert note(69.5) == pytest.approx(440 * 2 ** (1 / 24))


@given(st.integers(0, 127))
def test_a_name_and_its_number_are_the_same_note(number):
    assert note(note_name(number)) == pytest.approx(note(number), rel=1e-12)


@given(st.sampled_from(sorted(SCALES)), st.integers(24, 60), st.integers(0, 48))
def test_a_scale_begins_at_its_root_and_repeats_in_every_octave(name, low, width):
    numbers = scale(name, low, low + width)
    assert numbers[0] == low
    assert numbers == sorted(set(numbers))
    assert numbers[-1] <= low + width
    assert len(scale(name, low, low + 12)) == len(SCALES[name]) + 1


@pytest.mark.parametrize("name", ["H4", "A", "", "4A", "C##4", "C 4"])
def test_what_is_no_note_is_told_in_a_sentence(name):
    with pytest.raises(SettingsError, match="a note is a name such as 'C4'"):
        note(name)


def test_a_misspelt_scale_is_told_with_the_nearest():
    with pytest.raises(UnknownNameError, match="pentatonic"):
        scale("pentatonik", "C3", "C5")


# ---------------------------------------------------------------- samples


@given(st.lists(st.tuples(st.floats(20, 2000), st.floats(0, 1), st.integers(1, 3)), min_size=1, max_size=12))
def test_whatever_it_is_told_a_voice_never_clicks(orders):
    voice = Voice(440.0, 0.0, (1.0,), 0.05)
    pieces, highest = [], 440.0
    for frequency, volume, count in orders:
        voice.frequency, voice.volume = frequency, volume
        pieces += [voice.render(1024, RATE) for _ in range(count)]
        highest = max(highest, frequency)
    samples = np.concatenate(pieces).astype(float)
    assert np.abs(samples).max() <= LOUDEST + 1e-6
    # A sine moves by at most amplitude * 2 pi f / rate a sample, its level by 3 / (glide * rate) of the rest.
    assert np.abs(np.diff(samples)).max() <= LOUDEST * (2 * np.pi * highest + 3 / 0.05) / RATE + 1e-6


def test_a_glide_arrives_and_stays_on_its_note():
    voice = Voice(220.0, 1.0, (1.0, 0.5), 0.05)
    voice.frequency = 660.0
    mix([voice], RATE // 2, RATE)
    assert pitch_of(mix([voice], RATE // 2, RATE)) == pytest.approx(660.0, abs=0.5)


def test_no_partial_is_folded_back_into_what_is_heard():
    voice = Voice(7000.0, 1.0, (1.0,) * 8, 0.01)
    mix([voice], 4096, RATE)
    spectrum = np.abs(np.fft.rfft(mix([voice], RATE, RATE)))
    # 7000 and 14000 are below 0.45 of the rate; all else would be folded, to 1100 and so on.
    # (The bending of loud sounds leaves traces, far below.)
    assert spectrum[7000] > 0.9 * spectrum.max()
    assert spectrum[:6500].max() < 0.02 * spectrum.max()


@pytest.mark.parametrize("frequency", [65.0, 440.0, 3000.0])
def test_a_plucked_note_rises_softly_and_dies_away(frequency):
    samples = plucked(frequency, 0.6, RATE)
    assert 0.1 < np.abs(samples).max() <= LOUDEST * 1.6
    assert np.abs(samples[:4]).max() < 0.01
    assert np.abs(samples[-400:]).max() < 0.002
    assert pitch_of(samples[: RATE // 2]) == pytest.approx(frequency, abs=2)


def test_samples_are_sixteen_bits_on_every_channel():
    data = np.frombuffer(as_stereo(np.array([0, 0.5, 2.0, -2.0], np.float32), 2), np.int16)
    assert data.reshape(-1, 2).tolist() == [[0, 0], [16383, 16383], [32767, 32767], [-32767, -32767]]


# ---------------------------------------------------------------- what comes out


def test_a_tone_is_heard_at_its_pitch_and_glides_without_a_click(disk):
    tone = Tone(440, 0.8, overtones=(1.0,))
    until(loud(disk), "tone")
    before = len(disk())
    until(lambda: len(disk()) > before + RATE // 3, "third of a second")
    steady = disk()[before:][: RATE // 3]
    assert pitch_of(steady) == pytest.approx(440, abs=1)
    values = np.random.default_rng(3)
    for _ in range(25):  # thirty times a second, as a sketch does it
        tone.frequency, tone.volume = float(values.uniform(100, 1200)), float(values.uniform(0, 1))
        time.sleep(0.03)
    tone.volume = 0.0
    until(lambda: np.abs(disk()[-4000:]).max() < 1e-3, "silence")
    samples = disk()
    assert len(samples) > RATE
    if speaker.gaps == 0:  # a machine that is too busy leaves gaps, which do click
        assert np.abs(np.diff(samples)).max() <= LOUDEST * (2 * np.pi * 1200 + 60) / RATE + 1e-4


def test_a_change_is_heard_soon(disk):
    tone = Tone(440, 0.0)
    tone.volume = 0.8
    until(loud(disk), "tone")
    waits = []
    for _ in range(5):
        tone.volume = 0.0
        until(lambda: np.abs(disk()[-2000:]).max() < 1e-3, "silence")
        at = len(disk())
        tone.volume = 0.8
        until(lambda at=at: np.abs(disk()[at:]).max(initial=0) > 0.02, "tone")
        waits.append(np.flatnonzero(np.abs(disk()[at:]) > 0.02)[0] / RATE)
    assert sorted(waits)[2] < 0.1


def test_a_plucked_note_is_heard_and_the_mixer_sleeps_afterwards(disk):
    pluck("A3", 0.8, 0.3)
    until(loud(disk), "note")
    at = np.flatnonzero(np.abs(disk()) > 0.01)[0]
    until(lambda: len(disk()) > at + RATE // 4, "rest of it")
    assert pitch_of(disk()[at : at + RATE // 4]) == pytest.approx(220, abs=3)
    until(lambda: np.abs(disk()[-4000:]).max() < 1e-3, "silence")


def test_three_people_and_six_notes_sound_at_once(disk):
    tones = [Tone(hertz, 0.7, overtones=(1.0,)) for hertz in (220, 330, 495)]
    until(loud(disk), "tones")
    at = len(disk())
    until(lambda: len(disk()) > at + RATE // 3, "third of a second")
    spectrum = np.abs(np.fft.rfft(disk()[at : at + RATE // 3] * np.hanning(RATE // 3)))
    for tone in tones:
        near = round(tone.frequency / 3)
        assert spectrum[near - 2 : near + 3].max() > 0.2 * spectrum.max()


def test_whoever_is_forgotten_falls_silent(disk):
    tone = Tone(440, 0.8)
    until(loud(disk), "tone")
    del tone
    gc.collect()
    until(lambda: np.abs(disk()[-4000:]).max() < 1e-3, "silence")


def test_what_is_closed_ends_softly_and_opens_again(disk):
    tone = Tone(440, 0.8)
    until(loud(disk), "tone")
    speaker.close()
    speaker.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "posekit sound"]
    tone.volume = 0.7
    until(loud(disk), "tone after it was closed")


@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0])
def test_a_number_that_is_not_there_holds_the_pitch_and_is_silent(value):
    tone = Tone(330, 0.0)
    tone.volume = value
    assert tone.volume in (0.0, 1.0 if value == 1 else 0.0)
    if value != -1.0:
        tone.frequency = value
        assert tone.frequency == 330
    pluck(math.nan)
    pluck(440, math.nan)
    assert speaker._thread is None or speaker._notes == type(speaker._notes)()


# ---------------------------------------------------------------- when there is no sound

SILENT = """
import time
from posekit.sound import Tone, pluck, speaker
tone = Tone(440, 0.5)
for _ in range(200):
    tone.frequency += 1
    pluck("A4")
    time.sleep(0.002)
    if speaker.failure: break
tone.volume = 0.3
assert speaker.failure, "it sounds"
print("went on")
"""


def run(code, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SDL_", "DISPLAY"))}
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**kept, **environment},
        timeout=30,
        check=False,
    )


def test_without_a_sound_card_one_sentence_is_told_and_the_sketch_goes_on():
    done = run(SILENT, SDL_AUDIODRIVER="nonsense")
    assert (done.returncode, done.stdout) == (0, "went on\n"), done.stderr
    assert done.stderr.count("there is no sound") == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_a_refusal_is_told_to_whoever_wants_to_know(monkeypatch):
    monkeypatch.setenv("SDL_AUDIODRIVER", "nonsense")
    speaker.close()
    own, said = Speaker(), []
    own.report = said.append
    own.pluck(440, 1, 0.5)
    until(lambda: said, "sentence")
    own.sing(Voice(440, 1, (1.0,), 0.05))
    assert len(said) == 1
    assert said[0].startswith("there is no sound (")
    own.close()


@pytest.mark.parametrize("end", ["pygame.quit()", "pass"])
def test_a_sketch_that_quits_pygame_or_forgets_to_close_does_no_harm(end):
    code = f"""
import time, pygame
from posekit.sound import Tone, speaker
tone = Tone(440, 0.5)
while not pygame.mixer.get_init(): time.sleep(0.005)
time.sleep(0.05)
{end}
for _ in range(40):
    tone.frequency += 1
    time.sleep(0.005)
print("went on")
"""
    done = run(code, SDL_AUDIODRIVER="dummy", PYGAME_HIDE_SUPPORT_PROMPT="1")
    assert (done.returncode, done.stdout) == (0, "went on\n"), done.stderr


def test_nothing_is_loaded_before_something_is_to_be_heard():
    code = "import sys, posekit.sound; posekit.sound.Tone(440); print('pygame' in sys.modules)"
    done = run(code)
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr
