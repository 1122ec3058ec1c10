"""The command `ocrfill`, also `python -m ocrfill`."""

from ocrfill.cli import main

if __name__ == "__main__":
    main()
