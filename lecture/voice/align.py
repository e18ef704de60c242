"""When the words of a recording begin: by a recognizer's alignment, or from energy and the words' lengths."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from .sound import resampled

__all__ = ["ALIGNED", "aligned", "arpabet", "by_length"]

#: Languages whose recordings an aligner can follow, if it is installed.
ALIGNED = ("en",)

# From the phonemes of misaki's dictionaries, which hibari uses, to those of the recognizer.
_ARPABET = {
    "A": "EY", "I": "AY", "O": "OW", "Q": "OW", "W": "AW", "Y": "OY", "a": "AE", "æ": "AE", "ɐ": "AH", "ə": "AH",
    "ᵊ": "AH", "ɑ": "AA", "ɒ": "AA", "ɔ": "AO", "ɛ": "EH", "ɜ": "ER", "ɪ": "IH", "i": "IY", "u": "UW", "ʊ": "UH",
    "ʌ": "AH", "ᵻ": "IH", "b": "B", "d": "D", "f": "F", "h": "HH", "j": "Y", "k": "K", "l": "L", "m": "M", "n": "N",
    "p": "P", "s": "S", "t": "T", "T": "T", "v": "V", "w": "W", "z": "Z", "ð": "DH", "ŋ": "NG", "ɡ": "G", "ɹ": "R",
    "ʃ": "SH", "ʒ": "ZH", "ʤ": "JH", "ʧ": "CH", "\u03b8": "TH",
}  # fmt: skip


def arpabet(phonemes: str) -> str:
    """Phonemes in the recognizer's alphabet.

    Examples
    --------
    >>> arpabet("lˈæmdə"), arpabet("bˈɜɹd")
    ('L AE M D AH', 'B ER D')
    """
    found = [_ARPABET[c] for c in phonemes if c in _ARPABET]
    return re.sub(r"\bER R\b", "ER", " ".join(found)).replace("AH R", "ER")


def by_length(samples: np.ndarray, rate: int, words: Sequence[str]) -> tuple[float, ...]:
    """When words begin if each takes as much of what can be heard as it has letters.

    Examples
    --------
    >>> half = np.sin(np.arange(800.0))
    >>> sound = np.concatenate([half, np.zeros(800), half])
    >>> [round(t, 2) for t in by_length(sound, 800, ["one", "two"])]
    [0.0, 2.0]
    """
    width = max(1, rate // 100)
    count = -(-len(samples) // width)
    blocks = np.pad(samples, (0, count * width - len(samples))).reshape(count, width)
    energy = np.sqrt((blocks.astype(float) ** 2).mean(axis=1))
    heard = np.flatnonzero(energy > 0.05 * np.quantile(energy, 0.95)) if count else np.zeros(0, int)
    if not len(heard):
        return (0.0,) * len(words)
    lengths = np.array([len(re.sub(r"\W", "", word)) + 1 for word in words], float)
    begins = np.concatenate([[0.0], np.cumsum(lengths)[:-1]]) / lengths.sum() * len(heard)
    places = heard[np.minimum(np.round(begins).astype(int), len(heard) - 1)]
    return tuple(float(k * width / rate) for k in places)


def aligned(
    samples: np.ndarray,
    rate: int,
    words: Sequence[str],
    language: str,
    phonemes: Callable[[str], str] | None = None,
) -> tuple[float, ...]:
    """When words begin in a recording.

    Parameters
    ----------
    phonemes : callable, optional
        Pronounces a word that the recognizer's dictionary does not have.
    """
    found = _recognized(samples, rate, words, phonemes) if language.partition("_")[0] in ALIGNED else None
    return found or by_length(samples, rate, words)


def _recognized(
    samples: np.ndarray, rate: int, words: Sequence[str], phonemes: Callable[[str], str] | None
) -> tuple[float, ...] | None:
    try:
        from pocketsphinx import Decoder
    except ImportError:
        return None
    plain = [re.sub(r"[^a-z']", "", word.lower().replace("’", "'")) or "a" for word in words]
    decoder = Decoder(samprate=16000.0, lm=None, loglevel="FATAL")
    for word in dict.fromkeys(plain):
        if decoder.lookup_word(word) is None:
            said = arpabet(phonemes(word)) if phonemes else ""
            if not said:
                return None
            decoder.add_word(word, said, False)
    decoder.add_word("zzz", "SIL", True)  # takes in what was added
    heard = resampled(samples, rate, 16_000)
    quiet = np.zeros(4800, np.float32)
    sound = np.concatenate([quiet, heard / max(np.abs(heard).max(initial=0.0), 1e-6) * 0.7, quiet])
    try:
        decoder.set_align_text(" ".join(plain))
        decoder.start_utt()
        decoder.process_raw((sound * 32767).astype(np.int16).tobytes(), False, True)
        decoder.end_utt()
        segments = [s for s in decoder.seg() if not s.word.startswith(("<", "["))]
    except (RuntimeError, TypeError):
        return None
    if len(segments) != len(words):
        return None
    return tuple(max(0.0, s.start_frame / 100 - 0.3) for s in segments)
