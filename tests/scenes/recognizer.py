"""An offline recognizer that knows the lecture's vocabulary, to hear whether the film says what it should."""

from __future__ import annotations

import difflib
import math
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from lecture.voice.align import arpabet
from lecture.voice.sound import resampled

__all__ = ["Recognizer", "plain", "share_heard"]

# Of the probability of a word, how much comes from the word before it.
_PAIRS = 0.6


def plain(text: str) -> list[str]:
    """Words as the recognizer's dictionary has them."""
    return re.findall(r"[a-z']+", text.lower().replace("’", "'").replace("-", " "))


class Recognizer:
    """pocketsphinx with the words of some texts and how often they follow each other.

    Parameters
    ----------
    phonemes : callable
        Pronounces a word that its dictionary does not have.
    """

    def __init__(self, texts: Iterable[str], phonemes: Callable[[str], str]):
        from pocketsphinx import Decoder

        sentences = [plain(text) for text in texts]
        words = sorted({word for sentence in sentences for word in sentence})
        general = Decoder(samprate=16000.0, lm=None, loglevel="FATAL")
        said = {word: general.lookup_word(word) or arpabet(phonemes(word)) for word in words}
        with tempfile.TemporaryDirectory() as folder:
            dictionary, model = Path(folder) / "words.dict", Path(folder) / "words.arpa"
            dictionary.write_text("".join(f"{word} {sounds}\n" for word, sounds in said.items()))
            model.write_text(_arpa(sentences))
            self._decoder = Decoder(samprate=16000.0, dict=str(dictionary), lm=str(model), loglevel="FATAL")

    def heard(self, samples: np.ndarray, rate: int) -> list[str]:
        """The words of a sound."""
        sound = resampled(samples, rate, 16_000)
        self._decoder.start_utt()
        self._decoder.process_raw((np.clip(sound, -1, 1) * 32767).astype(np.int16).tobytes(), False, True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        return plain(found.hypstr) if found else []


def _arpa(sentences: list[list[str]]) -> str:
    """Words and pairs of words with their probabilities, in the format of language models."""
    single = Counter(word for sentence in sentences for word in [*sentence, "</s>"])
    pairs = Counter(pair for s in sentences for pair in zip(["<s>", *s], [*s, "</s>"], strict=True))
    before = Counter(first for first, _ in pairs.elements())
    total = sum(single.values())
    lines = ["\\data\\", f"ngram 1={len(single) + 1}", f"ngram 2={len(pairs)}", "", "\\1-grams:"]
    rest = math.log10(1 - _PAIRS)
    lines += [f"-99 <s> {rest:.4f}"]
    lines += [f"{math.log10(n / total):.4f} {word} {rest:.4f}" for word, n in sorted(single.items())]
    lines += ["", "\\2-grams:"]
    for (first, second), n in sorted(pairs.items()):
        share = _PAIRS * n / before[first] + (1 - _PAIRS) * single[second] / total
        lines.append(f"{math.log10(share):.4f} {first} {second}")
    return "\n".join([*lines, "", "\\end\\", ""])


def share_heard(said: list[str], heard: list[str]) -> float:
    """The share of words that were heard, in their order.

    Examples
    --------
    >>> share_heard(["turn", "it", "back", "now"], ["turn", "back", "here", "now"])
    0.75
    """
    blocks = difflib.SequenceMatcher(None, said, heard, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(said)
