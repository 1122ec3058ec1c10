"""Pre-filled data entry for handwritten Vietnamese civil-status registers."""

import os

__version__ = "0.1.0"

# ONNX Runtime sends its maker what it is used for, and keeps a device's number below ~/.cache. Only this variable, set
# before the import, stops both; it stands here because every way into ocrfill, a worker process too, passes here first.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
