"""Nothing twice, nothing stale, nothing lost: the builder on a project that is edited under it."""

from __future__ import annotations

import ast
import importlib.metadata
import itertools
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import jsonschema
import numpy as np
import pytest
from PIL import Image

import lecture.build.freshness
from lecture.build.cache import Cache
from lecture.build.jobs import _scratch
from lecture.cli import main
from lecture.manifest import load, schema
from tests.lecture.demo import VIDEO, Demo

ROOT = Path(__file__).parents[3]
ALL = {"Turn.appear", "Turn.turn", "Turn.turn_back", "Walk.appear", "Walk.walk"}


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return Demo(tmp_path)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Built once; tests that change something use their own."""
    demo = Demo(tmp_path_factory.mktemp("built"))
    report = demo.build()
    assert report.failures == []
    assert report.rendered == 5
    return demo


def pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def manifest_of(demo: Demo) -> dict:
    return load(demo.media / "manifest.json")


class TestOutputs:
    def test_manifest_follows_its_schema(self, built: Demo) -> None:
        jsonschema.Draft202012Validator.check_schema(schema())
        jsonschema.validate(manifest_of(built), schema())

    def test_schema_refuses_another_manifest(self, built: Demo) -> None:
        manifest = manifest_of(built)
        manifest["scenes"][0]["steps"][0]["captions"][0]["lines"] = ["x" * 43]
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(manifest, schema())

    def test_every_file_named_is_there_with_its_size(self, built: Demo) -> None:
        def files(node: object) -> list[dict]:
            if isinstance(node, dict):
                own = [node] if {"path", "bytes"} <= set(node) else []
                return own + [f for value in node.values() for f in files(value)]
            return [f for value in node for f in files(value)] if isinstance(node, list) else []

        found = files(manifest_of(built))
        assert len(found) == 1 + 2 + 5 * 2
        for file in found:
            assert (built.media / file["path"]).stat().st_size == file["bytes"]

    def test_clips_in_order_are_the_scene_and_scenes_the_lecture(self, built: Demo) -> None:
        manifest = manifest_of(built)
        lecture = pictures(built.media / manifest["lecture"]["film"]["path"])
        scenes = []
        for scene in manifest["scenes"]:
            whole = pictures(built.media / scene["film"]["path"])
            clips = [pictures(built.media / step["clip"]["path"]) for step in scene["steps"]]
            assert [round(step["duration"] * VIDEO.frame_rate) for step in scene["steps"]] == [
                len(c) for c in clips
            ]
            assert np.array_equal(whole, list(itertools.chain(*clips)))
            scenes += whole
        assert np.array_equal(lecture, scenes)
        assert len(lecture) == round(manifest["lecture"]["film"]["duration"] * VIDEO.frame_rate)

    def test_frame_rate_is_constant_and_index_comes_first(self, built: Demo) -> None:
        for path in built.media.rglob("*.mp4"):
            with av.open(str(path)) as film:
                stream = film.streams.video[0]
                times = [frame.pts * stream.time_base for frame in film.decode(stream)]
                assert times == [Fraction(k, VIDEO.frame_rate) for k in range(len(times))]
                assert stream.average_rate == VIDEO.frame_rate
                assert stream.codec_context.name == "h264"
                assert stream.codec_context.pix_fmt == "yuv420p"
                assert stream.codec_context.color_primaries == stream.codec_context.color_trc == 1
                assert stream.codec_context.colorspace == 1
                assert stream.codec_context.color_range == 1
            content = path.read_bytes()
            assert content.index(b"moov") < content.index(b"mdat")

    def test_still_is_the_last_frame_of_its_clip(self, built: Demo) -> None:
        for step in manifest_of(built)["scenes"][0]["steps"]:
            still = np.asarray(Image.open(built.media / step["still"]["path"]).convert("RGB")).astype(int)
            last = pictures(built.media / step["clip"]["path"])[-1].astype(int)
            # Chroma has half the resolution, and swscale rounds down on the way back: within two levels.
            assert np.abs(still - last).mean() < 2.0

    def test_last_frame_is_reached_when_the_manifest_says(self, built: Demo) -> None:
        for scene in manifest_of(built)["scenes"]:
            for step in scene["steps"]:
                frames = pictures(built.media / step["clip"]["path"])
                at = round(step["motion"] * VIDEO.frame_rate)
                assert all(np.array_equal(frame, frames[-1]) for frame in frames[at:])
                assert len(frames) - at >= VIDEO.frame_rate

    def test_lecture_has_a_mark_per_scene(self, built: Demo) -> None:
        manifest = manifest_of(built)
        with av.open(str(built.media / "demo.mp4")) as film:
            marks = [
                (float(c["start"] * c["time_base"]), c["metadata"]["title"].strip()) for c in film.chapters()
            ]
        expected = [(scene["start"], scene["plain_title"]) for scene in manifest["scenes"]]
        assert [title for _, title in marks] == [title for _, title in expected]
        for (at, _), (wanted, _) in zip(marks, expected, strict=True):
            assert abs(at - wanted) < 1.5 / VIDEO.frame_rate

    def test_captions_are_beside_the_film_and_inside(self, built: Demo) -> None:
        spoken = " ".join(
            step["narration"] for scene in manifest_of(built)["scenes"] for step in scene["steps"]
        )
        for name in ("demo.vtt", "demo.srt"):
            text = (built.media / name).read_text()
            said = [line for line in text.splitlines() if line and line[0].isalpha() and line != "WEBVTT"]
            assert " ".join(said) == spoken
        with av.open(str(built.media / "demo.mp4")) as film:
            (stream,) = film.streams.subtitles
            said = [bytes(p)[2:].decode().replace("\n", " ") for p in film.demux(stream) if p.size > 2]
        assert " ".join(said) == spoken

    def test_stills_alone_are_the_same_stills(self, built: Demo, tmp_path: Path) -> None:
        demo = Demo(built.root, tmp_path / "stills")
        assert demo.build(stills_only=True).failures == []
        jsonschema.validate(manifest_of(demo), schema())
        for one, other in zip(manifest_of(demo)["scenes"], manifest_of(built)["scenes"], strict=True):
            for step, wanted in zip(one["steps"], other["steps"], strict=True):
                assert step["clip"] is None
                assert (demo.media / step["still"]["path"]).read_bytes() == (
                    built.media / wanted["still"]["path"]
                ).read_bytes()

    def test_stills_of_what_was_rendered_are_taken_from_it(self, built: Demo, tmp_path: Path) -> None:
        stills = Demo(built.root, tmp_path / "stills")
        stills.settings = built.settings
        report = stills.build(stills_only=True, cache=built.media / ".cache")
        assert report.rendered == 0
        assert report.outputs
        for path in stills.media.glob("scenes/*/*.png"):
            assert path.read_bytes() == (built.media / path.relative_to(stills.media)).read_bytes()

    def test_stills_follow_an_edit_in_the_middle_of_a_scene(self, demo: Demo) -> None:
        demo.build(stills_only=True)
        demo.edit("walk", "[way_of(10.0), 0, 0]", "[0, way_of(10.0), 0]")
        report = demo.build(stills_only=True)
        assert (report.failures, report.rendered) == ([], 1)


class TestNothingTwice:
    def test_everything_that_makes_pixels_counts(self) -> None:
        """What is imported to render is part of every key, or an edit there would leave old steps in place."""
        own = Path(lecture.__file__).parent / "frames"
        found, left = set(), {"render"}
        while left:
            name = left.pop()
            found.add(name)
            for node in ast.walk(ast.parse((own / f"{name}.py").read_text())):
                if isinstance(node, ast.ImportFrom) and node.level == 1:
                    left |= ({node.module} if node.module else {alias.name for alias in node.names}) - found
        assert {"camera", "encode", "macroblock_hints"} < found
        assert {f"frames/{name}" for name in found} <= set(lecture.build.freshness._RENDERER)

    def test_unchanged_lecture_renders_and_writes_nothing(self, built: Demo) -> None:
        before = {
            path: path.stat().st_mtime_ns for path in built.media.rglob("*.*") if ".cache" not in path.parts
        }
        report = built.build()
        assert (report.rendered, report.reused) == (0, 5)
        assert before == {path: path.stat().st_mtime_ns for path in before}

    def test_new_project_renders_everything(self, demo: Demo) -> None:
        assert demo.would_render() == ALL

    @pytest.mark.parametrize(
        ("module", "old", "new", "stale"),
        [
            ("turn", "run_time=0.5)", "run_time=0.9)", {"Turn.turn_back"}),
            ("turn", "lam)), run_time=1)", "lam)), run_time=2)", {"Turn.turn", "Turn.turn_back"}),
            ("turn", "fill_opacity=0.5", "fill_opacity=0.6", {"Turn.appear", "Turn.turn", "Turn.turn_back"}),
            ("maths", "0.02", "0.03", {"Turn.turn", "Turn.turn_back"}),
            ("maths", "0.01", "0.03", {"Walk.walk"}),
            ("maths", "# turned", "# or not", set()),
            ("maths", "used by one scene each", "used", set()),
            ("turn", "A square turns rigidly.", "It turns.", set()),
            ("turn", 'say="It turns back."', 'say="And back it turns."', set()),
            ("turn", 'covers=("A1",)', 'covers=("A1", "A2")', set()),
            ("turn", "def turn(self)", "def turn(self) -> None", set()),
            ("walk", "[way_of(10.0), 0, 0]", "[0, way_of(10.0), 0]", {"Walk.walk"}),
        ],
    )
    def test_edit_renders_what_follows_from_it(
        self, built: Demo, module: str, old: str, new: str, stale: set[str]
    ) -> None:
        built.edit(module, old, new)
        try:
            assert built.would_render() == stale
        finally:
            built.edit(module, new, old)
        assert built.would_render() == set()

    def test_color_renders_the_scenes_that_use_it(self, built: Demo) -> None:
        kept = built.settings
        try:
            built.recolor(ridge="#123456")
            assert built.would_render() == {"Walk.appear", "Walk.walk"}
            built.recolor(penalty="#123456")
            assert built.would_render() == {"Walk.appear", "Walk.walk"}
            built.recolor(background="#123456")
            assert built.would_render() == ALL
        finally:
            built.settings = kept

    def test_penalty_renders_the_steps_that_use_it(self, built: Demo) -> None:
        kept = built.settings
        try:
            built.pose(lam=20.0)
            assert built.would_render() == {"Turn.turn", "Turn.turn_back"}
            built.pose(lam=kept.problem.lam, lam_zigzag=3.0)
            assert built.would_render() == set()
        finally:
            built.settings = kept

    def test_reasons_are_given(self, built: Demo) -> None:
        kept = built.settings
        built.pose(lam=20.0)
        built.edit("maths", "0.01", "0.03")
        try:
            why = {
                f"{s.name}.{step.name}": step.why for s in built.builder().plan_only() for step in s.missing
            }
        finally:
            built.settings = kept
            built.edit("maths", "0.03", "0.01")
        assert "problem.lam changed" in why["Turn.turn"]
        assert "demo.maths.way_of changed" in why["Walk.walk"]

    def test_narration_changes_captions_and_holds_only(self, demo: Demo) -> None:
        demo.build()
        before = manifest_of(demo)["scenes"][1]["steps"]
        demo.edit("walk", "It walks.", "It walks a long way, " + "and on, " * 10 + "until it stops.")
        report = demo.build()
        assert (report.rendered, report.reused) == (0, 5)
        after = manifest_of(demo)["scenes"][1]["steps"]
        assert after[1]["duration"] > before[1]["duration"] + 5
        assert after[1]["motion"] == before[1]["motion"]
        assert after[0] == before[0]
        assert len(pictures(demo.media / after[1]["clip"]["path"])) == round(
            after[1]["duration"] * VIDEO.frame_rate
        )
        assert (demo.media / "demo.vtt").read_text().replace("\n", " ").count("and on,") >= 9

    def test_other_steps_are_played_but_not_rendered(self, demo: Demo) -> None:
        """An edited film equals one made from nothing."""
        demo.build()
        demo.edit("turn", "run_time=0.5)", "run_time=0.9)")
        assert demo.build().rendered == 1
        fresh = Demo(demo.root, demo.root / "fresh")
        assert fresh.build().rendered == 5
        assert (demo.media / "demo.mp4").read_bytes() == (fresh.media / "demo.mp4").read_bytes()

    def test_state_that_grows_with_time_is_played_frame_by_frame(self, demo: Demo) -> None:
        demo.scenes = []
        demo.add(
            "Drift",
            """
from manim import Dot

from lecture.stage import LectureScene, step


class Drift(LectureScene):
    title = "Drift"

    @step(say="It drifts.", shows="A dot.")
    def drift(self):
        self.dot = Dot(radius=0.5).add_updater(lambda m, dt: m.shift([min(dt, 0.1), 0, 0]))
        self.add(self.dot)
        self.wait(1)

    @step(say="On.", shows="A dot.")
    def go_on(self):
        self.wait(1.5)
""",
        )
        demo.build()
        demo.edit("drift", "self.wait(1.5)", "self.wait(2.5)")
        assert demo.would_render() == {"Drift.go_on"}
        assert demo.build().rendered == 1
        fresh = Demo(demo.root, demo.root / "fresh")
        fresh.scenes = demo.scenes
        fresh.build()
        assert (demo.media / "demo.mp4").read_bytes() == (fresh.media / "demo.mp4").read_bytes()

    def test_removed_step_leaves_no_files(self, demo: Demo) -> None:
        demo.build()
        demo.edit("walk", "    def walk(self)", "    def stroll(self)")
        demo.build()
        names = {path.name for path in (demo.media / "scenes" / "Walk").iterdir()}
        assert names == {"01_appear.mp4", "01_appear.png", "02_stroll.mp4", "02_stroll.png"}

    def test_half_a_file_of_a_killed_build_is_removed(self, demo: Demo) -> None:
        demo.build()
        half, own = (
            demo.media / "scenes" / "Turn" / name for name in (".01_appear.a1b2c3_4.mp4", ".notes.mp4")
        )
        half.touch()
        own.touch()
        (demo.media / "demo.mp4").unlink()
        demo.build()
        assert not half.exists()
        assert own.exists()

    def test_deleted_output_is_made_again_without_rendering(self, demo: Demo) -> None:
        demo.build()
        film = demo.media / "scenes" / "Walk.mp4"
        content = film.read_bytes()
        film.unlink()
        assert demo.build().rendered == 0
        assert film.read_bytes() == content


class TestNothingLost:
    @pytest.mark.parametrize("damage", ["cut", "flipped", "emptied"])
    def test_damaged_entry_is_rendered_again(self, demo: Demo, damage: str) -> None:
        demo.build()
        film = (demo.media / "demo.mp4").read_bytes()
        entry = max(demo.media.glob(".cache/steps/*/*"), key=lambda path: path.stat().st_size)
        content = entry.read_bytes()
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        entry.write_bytes({"cut": content[:middle], "flipped": flipped, "emptied": b""}[damage])
        report = demo.build()
        assert (report.rendered, report.failures) == (1, [])
        assert entry.read_bytes() == content
        assert (demo.media / "demo.mp4").read_bytes() == film

    def test_scene_that_raises_is_named_and_others_are_finished(self, demo: Demo) -> None:
        demo.edit("turn", "self.wait(0.8)", "self.wait(1 / 0)")
        report = demo.build()
        assert len(report.failures) == 1
        assert report.failures[0].startswith("Turn, step turn: ZeroDivisionError: division by zero (turn.py:")
        # The scene's first step and the other scene are kept.
        assert report.rendered == 3
        assert (demo.media / "scenes" / "Walk.mp4").exists()
        assert not (demo.media / "demo.mp4").exists()
        demo.edit("turn", "self.wait(1 / 0)", "self.wait(0.8)")
        assert (demo.build().rendered, (demo.media / "demo.mp4").exists()) == (2, True)

    def test_syntax_error_is_named(self, demo: Demo) -> None:
        demo.edit("turn", "class Turn", "class class Turn")
        report = demo.build()
        assert len(report.failures) == 1
        assert "turn.py:" in report.failures[0]
        assert (demo.media / "scenes" / "Walk.mp4").exists()

    def test_worker_that_dies_takes_only_its_scene(self, demo: Demo) -> None:
        demo.edit("turn", "self.wait(0.8)", "__import__('os').kill(__import__('os').getpid(), 9)")
        report = demo.build()
        assert len(report.failures) == 1
        assert "ended by SIGKILL; most likely memory ran out" in report.failures[0]
        assert (demo.media / "scenes" / "Walk.mp4").exists()
        assert report.rendered == 3

    def test_failed_disk_is_told_in_one_sentence(self) -> None:
        from lecture.build.builder import told_os_error

        full = told_os_error(OSError(28, "No space left on device"), Path("media"))
        assert full == "media: the disk is full; make room and run again, what is finished is kept"
        closed = told_os_error(PermissionError(13, "Permission denied"), Path("media"))
        assert (
            closed == "media: cannot be written (Permission denied); choose another folder with --media ..."
        )

    def test_formulas_that_another_worker_is_writing_are_left_alone(self, tmp_path: Path) -> None:
        cache = Cache(tmp_path)
        known = tmp_path / "typeset" / importlib.metadata.version("typst")
        known.mkdir(parents=True)
        (known / ".formula-0.svg").symlink_to("gone the moment after it was listed")
        with _scratch(cache) as scratch:
            assert not list(Path(scratch, "Tex").iterdir())

    def test_two_builds_at_once_share_the_work(self, demo: Demo) -> None:
        import subprocess
        import sys

        command = [sys.executable, "-m", "tests.lecture.demo", str(demo.root), str(demo.media)]
        root = Path(__file__).parents[3]
        runs = [
            subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        told = [run.communicate(timeout=120) for run in runs]
        assert [run.returncode for run in runs] == [0, 0], told
        counts = [tuple(map(int, out.split())) for out, _ in told]
        assert sum(rendered for rendered, _ in counts) == 5
        assert [sum(count) for count in counts] == [5, 5]
        fresh = Demo(demo.root, demo.root / "fresh")
        fresh.build()
        assert (demo.media / "demo.mp4").read_bytes() == (fresh.media / "demo.mp4").read_bytes()


class TestClean:
    def test_what_was_made_goes_and_what_others_put_there_stays(
        self, demo: Demo, capsys: pytest.CaptureFixture[str]
    ) -> None:
        demo.scenes = ["Walk"]
        assert demo.build().failures == []
        inside = Demo(demo.root, demo.media / "other")
        inside.scenes = ["Walk"]
        assert inside.build().failures == []
        strange = [
            demo.media / "thesis.mp4",
            demo.media / "photos" / "me.jpg",
            demo.media / "readme" / "a.png",
        ]
        for path in strange:
            path.parent.mkdir(exist_ok=True)
            path.touch()
        assert main(["clean", "--media", str(demo.media)]) == 0
        assert sorted(p for p in demo.media.rglob("*") if p.is_file()) == sorted(strange)
        assert not inside.media.exists()
        assert "photos, thesis.mp4" in capsys.readouterr().out

    def test_works_before_anything_is_set_up(self, tmp_path: Path) -> None:
        command = ["make", "clean", f"MEDIA={tmp_path / 'nowhere'}", f"VENV={tmp_path / 'venv'}"]
        subprocess.run(command, cwd=ROOT, check=True, timeout=60)
        assert not (tmp_path / "venv").exists()


class TestDeterminism:
    def test_frames_do_not_depend_on_the_number_of_workers(self, built: Demo) -> None:
        other = Demo(built.root, built.root / "other")
        other.build(jobs=1)
        for path in sorted(built.media.rglob("*.mp4")):
            assert path.read_bytes() == (other.media / path.relative_to(built.media)).read_bytes(), path.name

    def test_manim_of_another_version_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        import manim

        from lecture.frames.render import SceneFailed, SceneJob, render_scene

        monkeypatch.setattr(manim, "__version__", "0.99.0")
        job = SceneJob("demo.turn", "Turn", None, VIDEO, (), {}, False, str(tmp_path))
        with pytest.raises(SceneFailed, match=r"manim 0\.99\.0 is installed"):
            render_scene(job, lambda step: None)


class TestFrames:
    def test_motion_that_ends_early_keeps_its_length(self, demo: Demo) -> None:
        """Frames that equal the one held after them count as well."""
        demo.scenes = []
        demo.add(
            "Rest",
            """
from manim import FadeIn, Square

from lecture.stage import LectureScene, step


class Rest(LectureScene):
    title = "Rest"

    @step(say="It stays.", shows="A square.")
    def rest(self):
        square = Square()
        self.play(FadeIn(square), run_time=0.5)
        self.wait(2)
        self.play(square.animate.shift([0, 0, 0]), run_time=0.7)
""",
        )
        demo.build()
        (step,) = manifest_of(demo)["scenes"][0]["steps"]
        assert step["motion"] == pytest.approx(3.2)
        assert len(pictures(demo.media / step["clip"]["path"])) == round(step["duration"] * VIDEO.frame_rate)
        assert step["duration"] == pytest.approx(4.2)
