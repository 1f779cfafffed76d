"""Whose faces, how strong and for which place, as the command line has it."""

import io

import pytest
from conftest import PHOTOS

import visard


@pytest.fixture(scope="module")
def group() -> bytes:
    """Jonas, Nadia, Marco and Amber, small."""
    image = pytest.importorskip("PIL.Image")
    small = io.BytesIO()
    image.open(PHOTOS / "group.jpg").resize((720, 480)).save(small, "PNG")
    return small.getvalue()


def test_only_the_people_of_given_photos_are_protected_and_all_others_hidden(group):
    done = visard.protect(group, strength="subtle", only=PHOTOS / "amber-smiling.jpg", others="blur")
    hidden = [face for face in done.report.faces if not face.chosen]
    assert len(hidden) == 2 and all(face.hiding == "blur" and face.hidden for face in hidden)
    # The two women resemble each other, being composites: to the networks they are one person.
    women = [face for face in done.report.faces if face.chosen and not face.unsure]
    assert len(women) == 2 and all(face.hiding is None for face in women)
    spared = visard.protect(group, strength="subtle", except_=[(PHOTOS / "amber-smiling.jpg").read_bytes()])
    assert [face.box for face in spared.report.faces if not face.chosen] == [face.box for face in women]


def test_photos_of_people_are_named_where_they_are_no_help(tmp_path):
    with pytest.raises(visard.UsageError, match="no photos of people"):
        visard.Visard(only=tmp_path)
    (tmp_path / "me.jpg").write_bytes(b"no photo")
    with pytest.raises(visard.PhotoError, match="me.jpg: this is not a photo"):
        visard.Visard(only=tmp_path)
    with pytest.raises(visard.UsageError, match="cannot both"):
        visard.Visard(only=PHOTOS / "amber-neutral.jpg", except_=PHOTOS / "jonas-neutral.jpg")


def test_a_photo_is_made_for_its_size_and_place(photo):
    image = pytest.importorskip("PIL.Image")
    small = visard.protect(photo, strength="subtle", max_side=300, max_bytes=20_000)
    assert max(image.open(io.BytesIO(small.photo)).size) == 300 and len(small.photo) <= 20_000
    shown = visard.protect(photo, strength="subtle", max_side=300, destination="messenger", format="png")
    assert "at most 1600 pixels" in shown.report.notes[0] and shown.photo[:4] == b"\x89PNG"


def test_auto_goes_on_until_the_judges_accept_with_a_margin(photo):
    done = visard.protect(photo, strength="auto", max_side=300)
    (face,) = done.report.faces
    judges = [opinion for opinion in face.similarities if opinion.role == "judge"]
    assert done.protected and all(judge.similarity < judge.threshold - 0.1 for judge in judges)


def test_a_photo_that_was_looked_at_is_led_away_from(opened, done, photo):
    people = visard.People()
    assert opened.look(PHOTOS / "amber-smiling.jpg", people) == 1
    assert opened.protect(photo, seed=7, people=people).photo != done.photo


def test_a_photo_without_a_face_is_cleaned_and_says_so(opened):
    image = pytest.importorskip("PIL.Image")
    plain = io.BytesIO()
    image.new("RGB", (64, 64), "teal").save(plain, "PNG")
    kept = visard.protect(plain.getvalue(), keep_faceless=True)
    assert (kept.report.status, kept.report.cleaned, kept.protected) == ("no-face", True, False)
