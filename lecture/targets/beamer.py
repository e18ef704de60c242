"""`make beamer`: overlays of stills that every viewer shows, with clips that play in pdfpc."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

from lecture.stage.glyphs import missing_letters, typeset
from lecture.stage.style import Style
from lecture.words import _

from .common import (
    FONTS,
    HERE,
    Options,
    TargetError,
    copy_media,
    folder,
    is_dark,
    language_tag,
    require_letters,
    style_of,
)

__all__ = ["emit", "latex"]

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": "'",
    "`": r"\textasciigrave{}",
    "-": "-{}",
    **{letter: f"\\{letter}" for letter in "&%$#_"},
}


def _greek() -> dict[str, str]:
    """LaTeX's Greek letters: all but those that look like a Latin one, which it does not have."""
    letters = {}
    for letter in map(chr, range(0x391, 0x3CA)):
        name = re.fullmatch("GREEK (SMALL|CAPITAL) LETTER (FINAL )?([A-Z]+)", unicodedata.name(letter, ""))
        if name and letter not in "ΑΒΕΖΗΙΚΜΝΟΡΤΧο":
            spelled = name[3].replace("LAMDA", "LAMBDA").lower()
            spelled = spelled.capitalize() if name[1] == "CAPITAL" else spelled
            letters[letter] = f"\\{'var' if name[2] else ''}{spelled}"
    return letters


_LETTERS = _greek()
_LETTERS |= {"∇": r"\nabla", "∂": r"\partial", "∞": r"\infty", "∑": r"\sum", "√": r"\surd"}
_LETTERS |= {"−": "-", "×": r"\times", "·": r"\cdot", "⋅": r"\cdot", "±": r"\pm", "≤": r"\le", "≥": r"\ge"}
_LETTERS |= {"≈": r"\approx", "≠": r"\ne", "→": r"\to", "←": r"\leftarrow", "‖": r"\|", "∈": r"\in"}
_LETTERS |= {"⊤": r"\top", "ᵀ": r"^{\top}", "′": "'", "ℓ": r"\ell", "½": r"\tfrac12", "¬": r"\neg"}
_LETTERS |= {letter: f"_{k}" for k, letter in enumerate("₀₁₂₃₄₅₆₇₈₉")}
_LETTERS |= {letter: f"^{k}" for k, letter in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
_LETTERS |= {"⁻": "^-", "ⁿ": "^n", "ᵢ": "_i", "ⱼ": "_j"}
_WORDS = {"–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": r"\dots{}", "\u00a0": "~"}


def _is_foreign(letter: str) -> bool:
    """Whether LaTeX's usual fonts do not have it."""
    known = letter in _SPECIAL or letter in _LETTERS or letter in _WORDS or letter < "\u0180"
    return letter.isprintable() and not known and letter != "\u0302"


# Words of Greek letters are no mathematics.
_GREEK_WORD = re.compile("[\u0370-\u03ff\u1f00-\u1fff]{3,}")
_LONGEST_PIECE = 60  # characters of a line that is written from right to left
_LONGEST_WORD = 12  # of one that has no spaces


def _pieces(text: str) -> list[tuple[str, bool]]:
    """A text in pieces, and of each whether it is foreign: words, but what is written from right to left whole."""
    foreign = [_is_foreign(letter) for letter in text]
    for word in _GREEK_WORD.finditer(text):
        foreign[word.start() : word.end()] = [True] * len(word[0])
    pieces: list[tuple[str, bool]] = []
    for k, letter in enumerate(text):
        last, was_foreign = pieces[-1] if pieces else ("", None)
        longest = _LONGEST_PIECE if _leftward(last) else _LONGEST_WORD
        between = letter == " " and _leftward(last) and _leftward(text[k + 1 : k + 2])
        if was_foreign and ((foreign[k] and len(last) < longest) or between):
            pieces[-1] = (last + letter, True)
        elif was_foreign is False and not foreign[k]:
            pieces[-1] = (last + letter, False)
        else:
            pieces.append((letter, foreign[k]))
    return pieces


def _leftward(text: str) -> bool:
    return bool(text) and unicodedata.bidirectional(text[0]) in ("R", "AL")


class _Letters:
    """Words in letters that LaTeX does not have: set by Typst, each a page of a PDF that LaTeX includes."""

    def __init__(self) -> None:
        self._pages: dict[tuple[str, str], int] = {}

    def command(self, word: str, color: str) -> str:
        """The command that prints a word, and what stands for it in bookmarks."""
        page = self._pages.setdefault((word, color), len(self._pages) + 1)
        codes = "".join(f'\\unichar{{"{ord(letter):04X}}}' for letter in word)
        return rf"\lectureword{{{page}}}{{{codes}}}"

    def write(self, root: Path) -> None:
        """The PDF, if there is any such word."""
        if not self._pages:
            return
        pages = [
            f'#page(text(fill: rgb("{color}"), {json.dumps(word, ensure_ascii=False)}))'
            for word, color in self._pages
        ]
        # As tall as a line and as deep, whatever the letters: LaTeX then knows where they stand.
        head = "#set page(width: auto, height: auto, margin: 0pt, fill: none)\n"
        head += '#set text(size: 10pt, top-edge: 0.8em, bottom-edge: -0.2em, font: "Libertinus Serif")\n'
        (root / "letters.pdf").write_bytes(typeset(head + "\n".join(pages), "pdf"))
        missing = missing_letters("".join(word for word, _color in self._pages))
        if missing:
            print(
                f"no font here has the letters {' '.join(missing[:10])}: the deck has boxes in their place; {FONTS}",
                file=sys.stderr,
            )


def latex(text: str, letters: _Letters | None = None, color: str = "#000000") -> str:
    r"""A text that LaTeX prints as it is, whatever stands in it.

    Parameters
    ----------
    letters : optional
        Takes the words that LaTeX has no letters for; without it each of their letters is a ``\lectureletter``.
    color : str
        Of those words.

    Examples
    --------
    >>> print(latex("50 % of ω & φ̂₁"))
    50 \% of \ensuremath{\omega} \& \ensuremath{\hat{\phi}}\ensuremath{_1}
    """
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))
    if letters is None:
        return _latex(text)
    return "".join(
        letters.command(piece, color) if foreign else _latex(piece) for piece, foreign in _pieces(text)
    )


def _latex(text: str) -> str:
    made = []
    for letter, hat in re.findall("([^\u0302])(\u0302)?", text):
        if hat:
            inside = _LETTERS.get(letter) or (letter if letter.isascii() and letter.isalpha() else r"\cdot")
            made.append(rf"\ensuremath{{\hat{{{inside}}}}}")
        elif letter in _SPECIAL:
            made.append(_SPECIAL[letter])
        elif letter in _LETTERS:
            made.append(rf"\ensuremath{{{_LETTERS[letter]}}}")
        elif letter in _WORDS:
            made.append(_WORDS[letter])
        elif " " <= letter < "\x7f" or "\xa1" <= letter < "\u0180":
            made.append(letter)
        elif letter.isprintable():
            made.append(rf"\lectureletter{{{letter}}}")
    return "".join(made)


def emit(manifest: dict[str, Any], media: Path, out: Path, options: Options) -> Path:
    """Write the lecture, its macros and scenes; returns the PDF, or the .tex where there is no LaTeX."""
    require_letters(manifest["title"], "the title")
    letters = _Letters()
    with folder(out) as root:
        for scene in manifest["scenes"]:
            _write_scene(media, scene, root, options.voice, letters)
        package = (HERE / "templates" / "lecturescenes.sty").read_text(encoding="utf-8")
        color = manifest["theme"]["background"].lstrip("#").upper()
        package += f"\n\\definecolor{{lecturebackground}}{{HTML}}{{{color}}}\n"
        (root / "lecturescenes.sty").write_text(package, encoding="utf-8")
        (root / "lecture.tex").write_text(
            _document(manifest, media, root, options, letters), encoding="utf-8"
        )
        letters.write(root)
        made = _compile(root)
    return out / made


def _write_scene(media: Path, scene: dict[str, Any], root: Path, voice: bool, letters: _Letters) -> None:
    lines = []
    for step in scene["steps"]:
        stem = f"{scene['slug']}/{step['number']:02}-{step['slug']}"
        copy_media(media, step["clip"], root / "scenes" / f"{stem}.mp4", sound=voice)
        copy_media(media, step["still"], root / "scenes" / f"{stem}.png")
        # On paper a scene is its last frame.
        command = "lecturestep" if step is not scene["steps"][-1] else "lecturelaststep"
        # Not looped: pdfpc then stays on the last frame.
        lines.append(
            f"\\{command}{{{stem}}}{{}}%\n  {{{latex(step['alt'])}}}%\n"
            f"  {{{latex(step['narration'], letters)}}}%\n"
        )
    (root / "scenes" / f"{scene['slug']}.tex").write_text("".join(lines), encoding="utf-8")


def _document(manifest: dict[str, Any], media: Path, root: Path, options: Options, letters: _Letters) -> str:
    style = style_of(manifest, options.lecture)
    ink = manifest["theme"]["ink"].lstrip("#").upper()
    lines = [
        f"\\documentclass[aspectratio={options.aspect.replace(':', '')}]{{beamer}}",
        "% Notes on a second screen: pdfpc lecture.pdf, with the next line.",
        "% \\setbeameroption{show notes on second screen=right}",
        "\\usepackage[utf8]{inputenc}\\usepackage[T1]{fontenc}\\usepackage{textcomp}",
        "\\IfFileExists{lmodern.sty}{\\usepackage{lmodern}}{}",
        "\\usepackage{lecturescenes}",
        f"\\definecolor{{lectureink}}{{HTML}}{{{ink}}}",
        "\\setbeamertemplate{navigation symbols}{}",
        "\\setbeamercolor{background canvas}{bg=lecturebackground}",
        "\\setbeamercolor{normal text}{fg=lectureink}\\setbeamercolor{title}{fg=lectureink}",
        f"\\hypersetup{{hidelinks,pdflang={{{language_tag(style.language.code)}}}}}",
        f"\\title{{{latex(manifest['title'], letters, manifest['theme']['ink'])}}}\\author{{}}\\date{{}}",
        "\\begin{document}",
        "\\usebeamercolor[fg]{normal text}",
    ]
    film = _film(manifest, media, root, options, style)
    if film:
        lines += [
            "\\begin{frame}[plain]",
            "\\centering\\vfill",
            "{\\Huge\\inserttitle\\par}\\bigskip\\bigskip",
            film,
        ]
        lines += ["\\vfill", "\\end{frame}"]
    slugs = {scene["name"]: scene["slug"] for scene in manifest["scenes"]}
    for chapter in manifest["chapters"]:
        if manifest["whole"]:
            lines.append(f"\\section{{{latex(chapter['title'], letters)}}}")
        lines += [f"\\lecturescene{{{slugs[name]}}}" for name in chapter["scenes"]]
    return "\n".join([*lines, "\\end{document}", ""])


def _film(manifest: dict[str, Any], media: Path, root: Path, options: Options, style: Style) -> str:
    """A link to the film: a QR code if it has an address, else the file itself."""
    if options.address:
        import segno

        # Not every phone reads a code that is bright on dark.
        dark, light = manifest["theme"]["ink"], manifest["theme"]["background"]
        if is_dark(light):
            dark, light = light, dark
        code = segno.make(options.address, error="m")
        code.save(str(root / "film.pdf"), border=2, dark=dark, light=light, compresslevel=9)
        address = re.sub(r"[\\{}^~ ]", lambda m: f"%{ord(m[0]):02X}", options.address)
        address = re.sub(r"([%#&])", r"\\\1", address)
        alt = latex(style.text(_("QR code: {address}").format(address=options.address)))
        picture = f"\\includegraphics[width=.22\\paperwidth,alt={{{alt}}}]{{film.pdf}}"
        return f"\\href{{{address}}}{{{picture}}}\\par"
    film = manifest["lecture"]["film"] if manifest["whole"] else None
    if film is None:
        return ""
    copy_media(media, film, root / "film.mp4")
    return f"\\href{{run:film.mp4}}{{{latex(style.text(_('The film')))}}}\\par"


def _compile(root: Path) -> str:
    """Make the PDF if LaTeX is there; returns the name of what to open."""
    program = next((p for p in ("pdflatex", "lualatex", "xelatex") if shutil.which(p)), None)
    if program is None:
        print(
            "LaTeX is not installed, so there is no PDF; get it with: "
            "apt-get install texlive-latex-recommended texlive-pictures lmodern, or upload the folder to Overleaf",
            file=sys.stderr,
        )
        return "lecture.tex"
    for _pass in range(2):
        done = subprocess.run(
            [program, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "lecture.tex"],
            cwd=root,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            output = done.stdout.decode(errors="replace").splitlines()
            error = next((line[2:] for line in output if line.startswith("! ")), "no message")
            raise TargetError(f"{program} failed on lecture.tex: {error}")
    for path in root.glob("lecture.*"):
        if path.suffix not in (".tex", ".pdf"):
            path.unlink()
    return "lecture.pdf"
