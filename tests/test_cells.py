"""Free grid detection on drawn tables with exact truth, and on real ones where they are there."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from drawn_tables import Ruled, bent, draw, true_cells
from PIL import Image

from ocrfill.cli import ocrfill
from ocrfill.evaluate.cells import TrueTables, compare_cells, neighbours
from ocrfill.records import GridCell, Page
from ocrfill.report.cell_picture import draw_cells
from ocrfill.scans import open_scan
from ocrfill.tables import cells_of_page

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "tables"

HEADED = Ruled(
    (80, 170, 420, 560, 700, 930, 1160),
    (120, 170, 220, *range(268, 1520, 48)),
    (((1, 1), (3, 4)), ((1, 2), (1, 1)), ((1, 2), (2, 2)), ((1, 2), (5, 5)), ((1, 2), (6, 6))),
)
LEFT = Ruled((90, 180, 560, 820), tuple(range(140, 1140, 40)))
RIGHT = Ruled((940, 1310, 1450, 1680), tuple(range(146, 1146, 40)))


def figures(page, truth):
    return compare_cells([(TrueTables(truth), cells_of_page(page))])


@pytest.mark.parametrize(("turn", "curl"), [(0, 0), (1.5, 0), (-2.0, 12)])
@pytest.mark.parametrize("dotted", [False, True])
def test_a_table_with_a_spanning_head_is_found_exactly(turn, curl, dotted):
    rng = np.random.default_rng(5)
    image = draw([HEADED], (1240, 1640), rng, dotted=dotted)
    page, truth = bent(image, true_cells([HEADED]), turn=turn, curl=curl)
    found = figures(page, truth)
    assert found.f1(0.6) > 0.99
    assert found.weighted_average > 0.92


def test_facing_pages_are_tables_of_their_own_and_bend_at_the_gutter():
    rng = np.random.default_rng(6)
    image = draw([LEFT, RIGHT], (1760, 1240), rng, dotted=True)
    page, truth = bent(image, true_cells([LEFT, RIGHT]), turn=0.7, curl=18, gutter=880)
    cells = cells_of_page(page)
    assert {cell.table for cell in cells} == {1, 2}
    assert compare_cells([(TrueTables(truth), cells)]).weighted_average > 0.92


def test_rules_faded_to_a_tenth_are_found():
    image = draw([HEADED], (1240, 1640), np.random.default_rng(7), faded=22)
    page, truth = bent(image, true_cells([HEADED]))
    assert figures(page, truth).f1(0.6) > 0.97


def test_a_page_of_writing_without_rules_has_no_table():
    rng = np.random.default_rng(8)
    table = Ruled((80, 600, 1160), tuple(range(120, 1500, 46)))
    written = draw([table], (1240, 1640), rng, faded=0)
    assert cells_of_page(Page("letter.png", 1, written, 150.0)) == ()


def test_a_blank_page_has_no_table():
    assert cells_of_page(Page("blank.png", 1, np.full((900, 700), 240, np.uint8), 100.0)) == ()


def cell(left, top, right, bottom, row, column, table=1):
    return GridCell(((left, top), (right, top), (right, bottom), (left, bottom)), (row, row), (column, column), table)


def test_the_measure_counts_matches_neighbours_and_leaves_ignored_places_out():
    truth = (cell(0, 0, 10, 10, 1, 1), cell(10, 0, 20, 10, 1, 2), cell(0, 10, 10, 20, 2, 1), cell(10, 10, 20, 20, 2, 2))
    assert neighbours(truth, range(4)) == {(0, 1, "right"), (2, 3, "right"), (0, 2, "below"), (1, 3, "below")}
    perfect = compare_cells([(TrueTables(truth), truth)])
    assert perfect.weighted_average == perfect.f1(0.9) == 1
    # one cell missing, one off by a fifth of its width, one in an ignored place
    found = (truth[0], cell(12, 0, 22, 10, 1, 2), truth[2], cell(30, 0, 40, 10, 1, 3))
    ignored = (((28, -2), (45, -2), (45, 12), (28, 12)),)
    figures = compare_cells([(TrueTables(truth, ignored), found)])
    assert figures.f1(0.5) == pytest.approx(6 / 7)
    assert figures.f1(0.75) == pytest.approx(4 / 7)
    assert figures.neighbours[0.6].right == 2


def test_spanning_cells_are_neighbours_of_all_they_touch():
    wide = GridCell(((0, 0), (20, 0), (20, 10), (0, 10)), (1, 1), (1, 2))
    below = (cell(0, 10, 10, 20, 2, 1), cell(10, 10, 20, 20, 2, 2))
    assert neighbours((wide, *below), range(3)) == {(0, 1, "below"), (0, 2, "below"), (1, 2, "right")}


def test_the_command_prints_json_and_draws(tmp_path):
    Image.fromarray(draw([HEADED], (1240, 1640), np.random.default_rng(9))).save(tmp_path / "page.png", dpi=(150, 150))
    result = CliRunner().invoke(ocrfill, ["cells", str(tmp_path / "page.png"), "--json", "-o", str(tmp_path / "o.png")])
    assert result.exit_code == 0, result.output
    document = json.loads(result.output)
    assert (document["width"], document["height"]) == (1240, 1640)
    spans = [(c["rows"], c["columns"]) for c in document["cells"] if c["columns"][0] != c["columns"][1]]
    assert spans == [[[1, 1], [3, 4]]] or spans == [([1, 1], [3, 4])]
    assert len(document["cells"]) == len(true_cells([HEADED]))
    assert open_scan(tmp_path / "o.png").page(1).height == 1640


def test_the_command_says_where_there_is_no_table(tmp_path):
    Image.fromarray(np.full((900, 700), 240, np.uint8)).save(tmp_path / "blank.png")
    result = CliRunner().invoke(ocrfill, ["cells", str(tmp_path / "blank.png")])
    assert result.exit_code == 0
    assert "no ruled table" in result.output


def test_spanning_cells_are_drawn_in_red():
    image = np.full((40, 40), 255, np.uint8)
    wide = GridCell(((2, 2), (37, 2), (37, 20), (2, 20)), (1, 1), (1, 2))
    red = draw_cells(image, [wide])[2, 20].astype(int)
    green = draw_cells(image, [cell(2, 2, 37, 20, 1, 1)])[2, 20].astype(int)
    assert red[2] > red[1] + 100
    assert green[1] > green[2] + 50


@pytest.mark.shared_data
@pytest.mark.slow
def test_real_tables_are_found():
    if not (REAL / "real_cells.json").is_file():
        pytest.skip("the archival tables kept outside the repository are not there")
    truth = json.loads((REAL / "real_cells.json").read_text(encoding="utf-8"))
    pages = []
    for name in ("lyon14.jpg", "rain1.jpg"):
        cells = tuple(
            GridCell(
                tuple((x, y) for x, y in c["polygon"]),
                (c["row"][0] + 1, c["row"][1] + 1),
                (c["col"][0] + 1, c["col"][1] + 1),
                c["table"],
            )
            for c in truth[name]["cells"]
        )
        ignored = tuple(tuple((x, y) for x, y in outline) for outline in truth[name]["ignore"])
        pages.append((TrueTables(cells, ignored), cells_of_page(open_scan(REAL / "real_cells" / name).page(1))))
    found = compare_cells(pages)
    assert found.f1(0.6) > 0.95
    assert found.f1(0.9) > 0.6
