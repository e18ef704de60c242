"""The builder: `lecture.toml` in, films and slides out."""
