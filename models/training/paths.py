"""Where things lie. Nothing below ../shared is ever copied into the project."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("VISARD_SHARED", ROOT.parent / "shared"))
WORK = Path(os.environ.get("VISARD_TRAINING", Path.home() / "visard-training"))
"""Checkpoints, aligned crops and logs: large, outside git."""

LFW = SHARED / "data" / "lfw"
UNLABELLED = SHARED / "data" / "faces-unlabelled"
TEACHER_FILES = SHARED / "models"
