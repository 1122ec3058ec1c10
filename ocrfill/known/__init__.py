"""What may be known of a field's text before it is read: from its type and the years of its form to the reader's
`Knowledge`. Nothing here is a wall: what the ink says clearly is read as written.
"""

from ocrfill.known.field import Line, knowledge_of
from ocrfill.known.lexicon import general, lexicon

__all__ = ["Line", "general", "knowledge_of", "lexicon"]
