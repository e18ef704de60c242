"""Files of text as rows: encoding, delimiter, what comes before the rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any, BinaryIO

from lecture.words import Message, Plural, _

from .cells import is_number
from .source import MOST_BYTES, REMEDY, DataError, Format, Row, Source, short

__all__ = ["DELIMITERS", "text_source"]

LONGEST_ROW = 1_000_000  # characters
SAMPLE_ROWS = 200  # what the delimiter is judged by
SAMPLE_TEXT = 60_000  # characters
#: What can stand between cells, and what it is called.
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space", ":": "colon"}


def text_source(
    path: Path, binary: Callable[[], BinaryIO], given: Format, about: tuple[Message, ...] = ()
) -> Source:
    """A file of text, or one that is unpacked to it.

    Parameters
    ----------
    binary : callable
        Opens it.
    """
    encoding = _encoding(path, binary, given.encoding)
    if encoding not in ("utf-8", "utf-8-sig"):
        about = (
            *about,
            _("characters read as {encoding}").format(encoding=encoding),
        )

    def text() -> io.TextIOWrapper:
        return io.TextIOWrapper(binary(), encoding=encoding, newline="")

    with text() as file:
        head = _Head(_Lines(file, path))
    delimiter = given.delimiter or head.delimiter or _delimiter(head.sample)
    if head.comments:
        comments = Plural("{n} line of comments above", "{n} lines of comments above")
        about = (*about, comments.format(n=head.comments))

    def rows() -> Generator[Row, None, None]:
        with text() as file:
            lines = _Lines(file, path)
            for _line in range(head.lines):
                next(lines, None)
            yield from _parsed(lines, delimiter, head.lines, head.header)

    return Source(rows, delimiter, about=about)


class _Lines:
    """The lines of a file; a row that does not end is not read to its end, a file not beyond its limit."""

    def __init__(self, file: Any, path: Path):
        self._file, self._path, self.length, self.whole = file, path, 0, 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LONGEST_ROW + 1)
        if not line:
            raise StopIteration
        self.length += len(line)
        self.whole += len(line)
        if self.length > LONGEST_ROW:
            raise DataError(
                f"{self._path.name} has a row of more than {LONGEST_ROW} characters; is a quotation mark not closed?"
            )
        if self.whole > MOST_BYTES:
            raise DataError(f"{self._path.name} unpacks to more than {MOST_BYTES // 1024**2} MB{REMEDY}")
        return line


_SEPARATOR = re.compile(r'\ufeff?"?sep=(.)"?\s*', re.IGNORECASE)
_COMMENT = re.compile(r"\s*(#|%|//)")


class _Head:
    """The beginning of a text file: what comes before its rows, and a sample of them.

    Attributes
    ----------
    lines : int
        How many lines to skip: Excel's ``sep=;`` and comments.
    comments : int
        How many of them are comments.
    header : str
        The last comment, if it names the columns.
    delimiter : str
        What the file itself says.
    sample : str
    """

    def __init__(self, lines: _Lines):
        self.lines = self.comments = 0
        self.header = self.delimiter = ""
        comment = ""
        rows: list[str] = []
        size = 0
        for line in lines:
            if not rows:
                separator = _SEPARATOR.fullmatch(line)
                if separator and not self.delimiter:
                    self.delimiter = separator[1]
                    self.lines += 1
                    continue
                if _COMMENT.match(line) or (not line.strip() and self.lines):
                    self.lines += 1
                    self.comments += bool(line.strip())
                    comment = line if line.strip() else comment
                    continue
            rows.append(line)
            size += len(line)
            lines.length = 0
            if len(rows) == SAMPLE_ROWS or size > SAMPLE_TEXT:
                break
        self.sample = "".join(rows)[:SAMPLE_TEXT]
        if comment and rows:
            self._see_whether_names(comment)

    def _see_whether_names(self, comment: str) -> None:
        """Comments may end with the names of the columns, or all of them are no comments: `#,Name,Attack`."""
        delimiter = self.delimiter or _delimiter(self.sample)
        body = [_split(line, delimiter) for line in self.sample.splitlines()[:20] if line.strip()]
        if not body or not any(is_number(cell) for cell in body[0]):
            return
        width = Counter(map(len, body)).most_common(1)[0][0]
        bare = _COMMENT.sub("", comment, count=1)
        for line in (comment, bare):
            cells = _split(line, delimiter)
            if len(cells) == width and not any(is_number(cell) for cell in cells):
                names = cells if cells[0].strip() == "#" else _split(bare, delimiter)
                if len(names) == width or line is bare:
                    self.header = (
                        line if len(names) == width and line is comment and cells[0].strip() == "#" else bare
                    )
                    self.comments -= 1
                    return


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([_spaced(line.strip("\r\n"), delimiter)], **_dialect(delimiter)), [])


def _dialect(delimiter: str) -> dict[str, Any]:
    return {"delimiter": delimiter, "skipinitialspace": True}


def _spaced(line: str, delimiter: str) -> str:
    """A line whose cells any white space parts, with single spaces for the tabs among it."""
    return line.strip(" \t").replace("\t", " ") if delimiter == " " else line


def _parsed(lines: _Lines, delimiter: str, skipped: int, header: str) -> Generator[Row, None, None]:
    if header:
        yield Row(f"line {skipped}", _split(header, delimiter))

    def texts() -> Iterable[str]:
        for line in lines:
            # Spaces at the end of a line are no cells.
            yield _spaced(line.rstrip("\r\n"), delimiter).rstrip(" ") + "\n" if delimiter == " " else line

    reader = csv.reader(texts(), **_dialect(delimiter))
    while True:
        lines.length = 0
        row = next(reader, None)
        if row is None:
            return
        yield Row(f"line {reader.line_num + skipped}", row)


def _delimiter(sample: str) -> str:
    """What stands between the cells: by clevercsv, which weighs how regular rows and cells become."""
    import clevercsv

    try:
        found = clevercsv.Detector().detect(sample, delimiters=list(DELIMITERS))
    except Exception:  # whatever the sample is, the file is still to be read
        found = None
    if found is not None and found.delimiter in DELIMITERS and found.delimiter:
        return str(found.delimiter)
    first = next(iter(sample.splitlines()), "")
    return max((",", ";", "\t", "|"), key=first.count)


def _encoding(path: Path, binary: Any, given: str) -> str:
    """UTF-8 where the bytes are; else by byte order mark, by zeros between letters, or by chardet."""
    if given:
        try:
            codecs.lookup(given)
            b"".decode(given)
        except (LookupError, ValueError):
            raise DataError(
                f'there is no encoding {short(given)}; expected one such as "utf-8", "cp1252" or "utf-16"'
            ) from None
    decoder = codecs.getincrementaldecoder(given or "utf-8")()
    odd: list[bytes] = []  # lines that are not in ASCII, to judge by
    size = 0
    valid = True
    with binary() as file:
        while chunk := file.read(1 << 20):
            if not size:
                head = chunk[:4096]
            size += len(chunk)
            if size > MOST_BYTES:
                raise DataError(f"{path.name} unpacks to more than {MOST_BYTES // 1024**2} MB{REMEDY}")
            if valid:
                try:
                    decoder.decode(chunk)
                except UnicodeError:
                    valid = False
            if not chunk.isascii() and sum(map(len, odd)) < 100_000:
                odd += [line[:2000] for line in chunk.splitlines() if not line.isascii()][:500]
        try:
            decoder.decode(b"", final=True)
        except UnicodeError:
            valid = False
    if not size:
        return "utf-8"
    if given:
        if not valid:
            raise DataError(f"{path.name} is not in {given}; leave encoding out, or name another")
        return "utf-8-sig" if codecs.lookup(given).name == "utf-8" else given
    for mark, name in (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return name
    zeros = [head[k::2].count(0) for k in (0, 1)]
    if max(zeros) > len(head) / 6:
        if min(zeros) <= max(zeros) / 10:
            return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
        raise DataError(f"{path.name} holds bytes that are no text; save it as CSV in UTF-8")
    if valid:
        return "utf-8-sig"
    return _guessed_encoding(path, b"\n".join(odd))


def _guessed_encoding(path: Path, odd: bytes) -> str:
    if any(byte < 9 for byte in odd):
        raise DataError(f"{path.name} holds bytes that are no text; save it as CSV in UTF-8")
    if _is_western(odd):
        return "cp1252"
    import chardet

    found = chardet.detect(odd)
    name = found["encoding"]
    if name is None:
        raise DataError(f"{path.name} holds bytes that are no text; save it as CSV in UTF-8")
    name = codecs.lookup(name).name
    if (found["confidence"] or 0.0) < 0.5 or name in ("cp1252", "iso8859-1", "iso8859-15", "utf-8"):
        raise DataError(
            f'{path.name} is not in UTF-8 but perhaps in {name}: say encoding = "{name}" if its names look right '
            "then, or save it as CSV in UTF-8"
        )
    return name


_HIGH = re.compile(r"[^\x00-\x7f]+")


def _is_western(odd: bytes) -> bool:
    """Whether bytes read as Windows' Western European encoding make words: single letters with accents, and signs."""
    try:
        text = odd.decode("cp1252")
    except UnicodeDecodeError:
        return False
    for match in _HIGH.finditer(text):
        run = match[0]
        if len(run) > 2 or any(c in "ŠŒŽšœžŸƒ" for c in run):
            return False
        inside = text[max(0, match.start() - 1)].isalpha() and text[match.end() : match.end() + 1].isalpha()
        if inside and not all(c.isalpha() or c in "’\xad·" for c in run):
            return False
    return True
