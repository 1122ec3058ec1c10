"""Lines of clear letters for tests of readers."""

import cv2
import numpy as np

from ocrfill.document.geometry import Box
from ocrfill.document.page import Crop, Strip


def written(text: str, width: int = 420, height: int = 64, paper: int = 255) -> np.ndarray:
    image = np.full((height, width), paper, np.uint8)
    cv2.putText(image, text, (12, round(height * 0.7)), cv2.FONT_HERSHEY_SIMPLEX, height / 50, 40, 2, cv2.LINE_AA)
    return image


def crop(image: np.ndarray) -> Crop:
    return Crop(image, image < 128, Strip(Box(0, 0, image.shape[1], image.shape[0]), image.shape[0] * 0.75))
