import hashlib
import shutil
import subprocess

import pytest
from conftest import PHOTOS

import visard

pytestmark = pytest.mark.skipif(
    not (shutil.which("ffmpeg") and shutil.which("ffprobe")), reason="clips need ffmpeg, which is not installed"
)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Half a second of a portrait."""
    path = tmp_path_factory.mktemp("clips") / "a.mp4"
    still = ["-loop", "1", "-framerate", "12", "-i", PHOTOS / "kofi-smiling.jpg"]
    picture = ["-vf", "scale=300:300,pad=480:320:60:10:gray,noise=alls=2:allf=t,format=yuv420p", "-t", "0.5"]
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *still, *picture, path], check=True)
    return path


def test_a_clip_is_written_protected_with_a_report(opened, clip, tmp_path):
    told = []
    report = visard.protect_video(clip, tmp_path / "b.mp4", progress=told.append)
    assert report.protected and report.output == str(tmp_path / "b.mp4")
    assert report.output_sha256 == hashlib.sha256((tmp_path / "b.mp4").read_bytes()).hexdigest()
    assert report.frames == 6 and report.size == (480, 320) and not report.missed
    (track,) = report.tracks
    assert (track.first, track.last) == (0, 5) and track.chosen and track.protected and track.recognised == 0
    assert all(opinion.similarity < opinion.threshold for opinion in track.worst_frame + track.mean)
    assert told and all(0 <= done <= 1 for done in told)
    with pytest.raises(visard.UsageError, match="is there already"):
        opened.protect_video(clip, tmp_path / "b.mp4")


def test_what_breaks_off_leaves_nothing(opened, clip, tmp_path):
    with pytest.raises(visard.Cancelled):
        opened.protect_video(clip, tmp_path / "b.mp4", progress=lambda done: done < 0.5)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_clip_is_refused(opened, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"no clip")
    with pytest.raises(visard.UsageError, match="Invalid data"):
        opened.protect_video(tmp_path / "a.mp4", tmp_path / "b.mp4")
    with pytest.raises(visard.FileError):
        opened.protect_video(tmp_path / "missing.mp4", tmp_path / "b.mp4")
