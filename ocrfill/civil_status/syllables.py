"""Whether letters can be a syllable of Vietnamese: the onsets and rhymes of its spelling."""

from __future__ import annotations

import re
import unicodedata

from ocrfill.civil_status.orthography import TONE_MARKS

_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph r s t th tr v x"

_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ă ăc ăm ăn ăng ăp ăt â âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot
ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uên uênh ui um un ung uôc uôi uôm uôn uông
uôt uơ up ut uy uya uych uyên uyêt uynh uyt uyn uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
y yêm yên yêng yêt yêu
"""

_AFTER_Q = """
ua uac uach uai uan uang uanh uao uat uau uay uăc uăm uăn uăng uăt uân uâng uât uây ue uen ueo uet uê uên uênh uêt uit
uôc uơ uơn uơi uy uya uych uyên uyêt uynh uyt uyp uyn
"""

_AFTER_GI = "n m p êc êng êt"
"""Rhymes after gi whose own i is left out: gìn, giếng."""


def _any(listed: str) -> str:
    return "|".join(sorted(listed.split(), key=len, reverse=True))


_SYLLABLE = re.compile(f"(?:(?:{_any(_ONSETS)})?(?:{_any(_RHYMES)})|q(?:{_any(_AFTER_Q)})|gi(?:{_any(_AFTER_GI)})?)")


def is_syllable(word: str) -> bool:
    """Whether Vietnamese spelling allows the word, at most one tone on it, capitals aside."""
    spread = unicodedata.normalize("NFD", word.casefold())
    plain = "".join(c for c in spread if c not in TONE_MARKS)
    tones = len(spread) - len(plain)
    return tones <= 1 and _SYLLABLE.fullmatch(unicodedata.normalize("NFC", plain)) is not None
