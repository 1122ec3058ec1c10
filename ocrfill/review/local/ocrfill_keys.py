"""Middleware of the local Label Studio: one more script, keys.js, in its pages.

Runs inside Label Studio's environment, never in ocrfill's; nothing of ocrfill is imported here.
"""

from pathlib import Path

from django.http import HttpResponse

KEYS = (Path(__file__).resolve().parent / "keys.js").read_bytes()
WHERE = "/ocrfill/keys.js"
TAG = f'<script src="{WHERE}" defer></script></body>'.encode()


def with_keys(get_response):
    """Serve the script, and name it in every HTML page."""

    def middleware(request):
        if request.path == WHERE:
            return HttpResponse(KEYS, content_type="text/javascript; charset=utf-8")
        response = get_response(request)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            response.content = response.content.replace(b"</body>", TAG, 1)
            if "Content-Length" in response:
                response["Content-Length"] = str(len(response.content))
        return response

    return middleware
