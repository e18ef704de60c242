"""What a user can do wrong."""

__all__ = ["LectureError"]


class LectureError(Exception):
    """A mistake in the user's input, told in one sentence that names the file, the field, and a remedy."""
