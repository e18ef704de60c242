"""`make booth`: a page on this machine alone, on which a lecture is recorded step by step."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path

__all__ = ["booth_command"]


def booth_command(options: argparse.Namespace) -> int:
    """Make a draft to record over, then serve the page until it is stopped; returns the exit status."""
    from lecture.build.command import build_command
    from lecture.edition import RECORDINGS, load_edition
    from lecture.manifest import load
    from lecture.targets.common import style_of
    from lecture.voice import VoiceError

    from .server import Booth, Takes

    # Silent: recordings that cannot be used, or no engine for the language, are why one comes here.
    options.voice, options.voice_program = "off", ""
    status = build_command(options)
    if status or options.dry_run:
        return status
    edition = load_edition(options.lecture, options.of)
    media = options.media / "preview"
    manifest = load(media / "manifest.json")
    folder = edition.voice.recordings or Path(edition.path).parent / RECORDINGS
    try:
        takes = Takes(manifest, media, folder, options.of.scenes)
        with Booth(takes, style_of(manifest, options.of), options.port) as booth:
            print(f"{booth.address}  (recordings go to {folder}; stop with Ctrl-C)")
            sys.stdout.flush()
            with contextlib.suppress(KeyboardInterrupt):
                booth.serve_forever()
    except VoiceError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"booth: port {options.port} cannot be used ({error.strerror}); name another with --port",
            file=sys.stderr,
        )
        return 1
    return 0
