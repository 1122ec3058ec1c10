"""JSON that comes in from files: what it holds, or in one kind of error why it holds nothing."""

from __future__ import annotations

import json


class NotJson(ValueError):
    """A text that is no JSON; the message says why and where, and quotes nothing of it."""


def parsed_json(content: bytes | str) -> object:
    """What a JSON text holds; bytes must be UTF-8. Raises NotJson, whatever the reader of JSON itself would raise."""
    try:
        return json.loads(content.decode("utf-8") if isinstance(content, bytes) else content)
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise NotJson(f"line {error.lineno}: not JSON: {error.msg}") from error
    except RecursionError as error:
        raise NotJson("not JSON: lists and objects too deep within each other") from error
    except ValueError as error:  # Python makes no number of more than 4300 digits
        raise NotJson("not JSON: a number of thousands of digits") from error
