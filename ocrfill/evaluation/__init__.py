"""How right the results are: truth against what was read."""

from ocrfill.evaluation.pages import EvaluationFigures, Score, compare_pages, matched_results
from ocrfill.evaluation.stored_results import results_in_workspace
from ocrfill.evaluation.text_distance import character_error_rate, edit_distance
from ocrfill.evaluation.truth_files import TruePage, read_truth

__all__ = [
    "EvaluationFigures",
    "Score",
    "TruePage",
    "character_error_rate",
    "compare_pages",
    "edit_distance",
    "matched_results",
    "read_truth",
    "results_in_workspace",
]
