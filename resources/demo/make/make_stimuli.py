#!/usr/bin/env python3
"""Synthesises the demo study's speech from story.txt, with the time of every word and phone.

Not needed to install or run Heschl: what it writes is in ../stimuli. Needs Debian's libespeak-ng1 (1.51), flac, and
Python with numpy, scipy and soundfile. Usage: python3 make_stimuli.py

The times are the synthesiser's own: libespeak-ng reports, for each word and phone, the sample at which it begins.
"""
import ctypes
import csv
import pathlib
import re
import subprocess

import numpy as np
import soundfile as sf
from scipy.signal import resample_poly

VOICE, VARIANT, RATE_WPM, PITCH, RANGE, WORD_GAP = b"en-us", "+m3", 126, 46, 62, 0
OUT_RATE = 16_000
BITS = 11  # kept of 16: the others are 0, which halves the FLAC files
LEAD_SECONDS = 1.0  # silence before the first word
TAIL_SECONDS = 3.0  # and after the last: responses go on for seconds
HERE = pathlib.Path(__file__).parent
OUT = HERE.parent / "stimuli"

LIST_TERMINATED, WORD, SENTENCE, END, PHONEME = 0, 1, 2, 5, 7
CHARS_UTF8, PHONEME_EVENTS, IPA = 1, 1, 2


class Identity(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class Event(ctypes.Structure):
    """espeak_EVENT of espeak-ng/speak_lib.h."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", Identity),
    ]


Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))


class Synthesiser:
    def __init__(self):
        self.library = ctypes.CDLL("libespeak-ng.so.1")
        # 2: synchronous, samples to the callback
        self.rate = self.library.espeak_Initialize(2, 2000, None, PHONEME_EVENTS | IPA)
        assert self.rate > 0
        assert self.library.espeak_SetVoiceByName(VOICE + VARIANT.encode()) == 0
        for parameter, value in ((1, RATE_WPM), (3, PITCH), (4, RANGE), (7, WORD_GAP)):
            assert self.library.espeak_SetParameter(parameter, value, 0) == 0
        self.callback = Callback(self.receive)
        self.library.espeak_SetSynthCallback(self.callback)

    def receive(self, wav, count, events):
        if wav and count > 0:
            self.samples.append(np.ctypeslib.as_array(wav, (count,)).copy())
        index = 0
        while events[index].type != LIST_TERMINATED:
            event = events[index]
            name = event.id.string.decode("utf-8", "replace") if event.type == PHONEME else ""
            self.events.append((event.type, event.sample, event.text_position, event.length, name))
            index += 1
        return 0

    def speak(self, text):
        """Returns samples (int16) and events (type, sample, text_position from 1, length, phone)."""
        self.samples, self.events = [], []
        data = text.encode("utf-8") + b"\0"
        assert self.library.espeak_Synth(data, len(data), 0, 1, 0, CHARS_UTF8, None, None) == 0
        self.library.espeak_Synchronize()
        return np.concatenate(self.samples), self.events


# Pairs that espeak-ng speaks as one word, and the phones that belong to the second
MERGED = {
    "on the": "ð ə", "in the": "ð ə", "of the": "ð ə", "for the": "ð ə", "with the": "ð ə", "that the": "ð ɪ",
    "out of": "ə v", "was a": "ɐ", "for a": "ə", "at a": "ə", "i am": "ɐ m", "that it": "ɪ t",
    "there was": "w ʌ z", "there were": "w ɜː", "there are": "ɑːɹ", "no more": "m oːɹ", "did not": "n ɑː t",
    "this one": "w ʌ n",
}  # fmt: skip


def timed(text, events, total):
    """Words and phones as (onset sample, end sample, label), pauses left out; words from the phones they are made of."""
    marks = [e for e in events if e[0] in (WORD, PHONEME, END)]
    spoken = []  # the phones of each word event
    phones = []
    for place, (kind, sample, _, _, name) in enumerate(marks):
        if kind == WORD:
            spoken.append([])
        elif kind == PHONEME and not is_pause(name):
            end = next((s for k, s, _, _, _ in marks[place + 1:] if k in (PHONEME, END)), total)
            if end > sample:
                phones.append((sample, end, name))
                spoken[-1].append(phones[-1])
    spoken = [group for group in spoken if group]
    tokens = [token.lower() for token in re.findall(r"[A-Za-z']+", text)]
    words, place = [], 0
    for group in spoken:
        suffix = MERGED.get(" ".join(tokens[place:place + 2]), "").split()
        merged = 0 < len(suffix) < len(group) and [name for _, _, name in group[-len(suffix):]] == suffix
        parts = [group[:-len(suffix)], group[-len(suffix):]] if merged else [group]
        for part in parts:
            words.append((part[0][0], part[-1][1], tokens[place]))
            place += 1
    assert place == len(tokens), f"{place} words were spoken, {len(tokens)} are written"
    return words, phones


def is_pause(name):
    return name.strip("_:;|,.") == ""


def table(path, column, rows, rate):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["onset", "duration", column])
        for start, end, label in rows:
            onset = LEAD_SECONDS + start / rate
            writer.writerow([f"{onset:.4f}", f"{(end - start) / rate:.4f}", label])


def main():
    OUT.mkdir(exist_ok=True)
    synthesiser = Synthesiser()
    story = (HERE / "story.txt").read_text()
    for run, text in enumerate(re.split(r"^# \d+\n", story, flags=re.M)[1:], 1):
        text = text.strip()
        samples, events = synthesiser.speak(text)
        words, phones = timed(text, events, len(samples))
        rate = synthesiser.rate
        audio = np.concatenate([np.zeros(int(LEAD_SECONDS * rate)), samples / 32768, np.zeros(int(TAIL_SECONDS * rate))])
        audio = resample_poly(audio, OUT_RATE, rate) if rate != OUT_RATE else audio
        audio *= 0.7 / np.abs(audio).max()
        step = 2.0 ** (1 - BITS)
        kept = np.round(audio / step) * step
        wav = OUT / f"run-{run}.wav"
        sf.write(wav, np.clip(kept, -1, 1 - step), OUT_RATE, subtype="PCM_16")
        # Short blocks: formant synthesis changes quickly, and they save 8 % over flac's own choice.
        flac = ["flac", "-s", "-f", "-8", "-e", "-p", "-b", "1024", "-l", "12", "-r", "8", "--no-padding"]
        subprocess.run([*flac, wav, "-o", wav.with_suffix(".flac")], check=True)
        wav.unlink()
        table(OUT / f"run-{run}.words.tsv", "word", words, rate)
        table(OUT / f"run-{run}.phones.tsv", "phone", phones, rate)
        print(f"run-{run}: {len(kept) / OUT_RATE:.2f} s, {len(words)} words, {len(phones)} phones")


if __name__ == "__main__":
    main()
