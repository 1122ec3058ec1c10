"""Starts the local Label Studio as its own program does, with one more middleware (`ocrfill_keys`).

Runs inside Label Studio's environment: its settings cannot be extended from a settings module of ours, for they ask
for themselves while they are being made.
"""

from django.conf import settings
from label_studio import server

set_up = server._setup_env  # as in Label Studio 1.23.2, which the lock file pins


def set_up_with_keys():
    """Set Django up as Label Studio does, with the page's keys added."""
    set_up()
    settings.MIDDLEWARE.append("ocrfill_keys.with_keys")


if __name__ == "__main__":
    server._setup_env = set_up_with_keys
    server._get_free_port = lambda port, _: port  # where it is taken, end, and do not move to another
    server.main()
