"""One page: from the scan to its result, with no store and no network. `read_page` alone knows the order of stages."""

import cv2

cv2.ipp.setUseIPP(False)
"""OpenCV 4.12's own code is as exact and, on processors that are not Intel's, up to 27 times as fast: Intel's library
has no code for those, and finding a dot's like on a page by it took 0.75 ms in place of 0.03.
"""
