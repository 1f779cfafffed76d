import hashlib
import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import PHOTOS, ROOT

import visard


def test_a_photo_comes_back_protected_with_a_report(done, photo):
    assert done.protected and done.report.status == "protected"
    assert isinstance(done.photo, bytes) and done.photo[:2] == b"\xff\xd8"
    (face,) = done.report.faces
    assert face.chosen and face.protected and 0 < face.dssim < 0.1
    judge = next(opinion for opinion in face.similarities if opinion.role == "judge")
    assert judge.similarity < judge.threshold
    assert done.report.input_sha256 == hashlib.sha256(photo).hexdigest()
    assert done.report.output_sha256 == hashlib.sha256(done.photo).hexdigest()


def test_path_and_bytes_and_the_command_line_give_the_same_bytes(opened, done, tmp_path):
    path = PHOTOS / "amber-neutral.jpg"
    again = opened.protect(path, seed=7)
    assert again.photo == done.photo and again.report.input == str(path)
    program = os.environ.get("VISARD", shutil.which("visard") or str(ROOT / "target/debug/visard"))
    if not Path(program).is_file():
        pytest.skip("the command line is not built")
    command = [program, "cloak", path, "--strength", "subtle", "--seed", "7", "--output", tmp_path]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "amber-neutral.jpg").read_bytes() == done.photo


def test_a_written_photo_is_verified_against_its_original(opened, done, photo):
    assert opened.verify(photo, done.photo).status == "protected"
    assert opened.verify(photo, photo).status == "still-recognisable"


def picture(side: int = 60) -> np.ndarray:
    return np.full((side, side, 3), 90, np.uint8)


def test_an_array_without_a_face_is_given_back_only_if_wanted(opened):
    given = opened.protect(picture())
    assert given.photo is None and given.report.status == "no-face"
    whole = np.arange(60 * 60 * 3, dtype=np.uint32).astype(np.uint8).reshape(60, 60, 3)
    kept = visard.protect(whole, keep_faceless=True)
    assert kept.photo.dtype == np.uint8 and (kept.photo == whole).all()
    turned = visard.protect(whole[..., ::-1], keep_faceless=True, order="bgr")
    assert (turned.photo == whole[..., ::-1]).all()


def test_the_order_of_colours_is_told_and_counts(opened, photo):
    decoded = pytest.importorskip("PIL.Image").open(PHOTOS / "amber-neutral.jpg")
    rgb = np.asarray(decoded.convert("RGB"))
    (of_bytes,), (of_rgb,) = opened.embed(photo), opened.embed(rgb)
    (of_bgr,) = opened.embed(np.ascontiguousarray(rgb[..., ::-1]), order="bgr")
    assert of_rgb.embedding @ of_bytes.embedding > 0.99
    assert (of_bgr.embedding == of_rgb.embedding).all()


def test_what_is_no_photo_is_refused_by_kind(opened):
    with pytest.raises(visard.PhotoError, match="this is not a photo"):
        opened.protect(b"no photo")
    with pytest.raises(visard.UsageError, match="uint8"):
        opened.protect(np.zeros((4, 4, 3), np.float32))
    with pytest.raises(visard.UsageError, match="unknown field `strenght`"):
        visard.Visard(strenght="strong")
    with pytest.raises(visard.ModelsError, match="nobody"):
        visard.Visard(judges=["nobody"])
    with pytest.raises(FileNotFoundError):
        opened.protect("missing.jpg")
    assert issubclass(visard.PhotoError, visard.Error)


def test_progress_is_told_and_breaks_off(opened, photo):
    told = []
    with pytest.raises(visard.Cancelled):
        opened.protect(photo, progress=lambda done: told.append(done) or len(told) < 3)
    assert len(told) == 3 and 0 < told[0] < told[1] < told[2] < 1


def test_what_the_progress_function_raises_is_raised(opened, photo):
    def broken(done):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        opened.protect(photo, progress=broken)


def test_ctrl_c_stops_the_work(opened, photo):
    # Programs in the background of a shell are begun deaf to it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        opened.protect(photo, seed=3)


def test_other_threads_go_on_meanwhile(opened, photo):
    beats = []
    stop = threading.Event()

    def beat():
        while not stop.wait(0.01):
            beats.append(time.monotonic())

    thread = threading.Thread(target=beat)
    thread.start()
    opened.detect(photo)
    stop.set()
    thread.join()
    assert len(beats) > 1


def test_faces_are_found_and_embedded_by_the_network_that_is_named(opened, photo):
    (face,) = opened.detect(photo)
    (seen,) = opened.embed(photo, "visard-narrow")
    assert seen.face == face and 200 < face.box.width < 600 and face.score > 0.9
    assert seen.embedding.dtype == np.float32 and abs(np.linalg.norm(seen.embedding) - 1) < 1e-4
    assert {network.name for network in opened.networks} >= {"visard-judge", "visard-detector"}


def test_further_photos_are_led_away_from_the_people_before(opened, photo):
    people = visard.People()
    first = opened.protect(photo, people=people)
    second = opened.protect(photo, people=people)
    assert second.photo != first.photo
