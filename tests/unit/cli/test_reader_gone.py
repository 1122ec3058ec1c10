"""Output that nobody reads to its end (`| head`) is no fault."""

import os
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_a_reader_that_has_gone_ends_the_command_in_order():
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "ocrfill", "layout", "list"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
