"""Free grid detection on drawn tables with exact truth, and on real ones where they are there."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from benchmarks.metrics.table_cells import TrueTables, compare_cells, neighbours
from click.testing import CliRunner
from PIL import Image
from support.drawn.tables import Ruled, bent, draw, true_cells
from support.paths import SHARED

from ocrfill.authoring.draft.table_skeleton import draft_table, skeleton_yaml
from ocrfill.cli import ocrfill
from ocrfill.document.page import GridCell, Page
from ocrfill.errors import BadInput, BadLayout, PageError
from ocrfill.export.views.cells_image import draw_cells
from ocrfill.layouts import load_layout, parse_layout
from ocrfill.pipeline.locate import BAD_FIT_SCORE, GOOD_FIT_SCORE, locate
from ocrfill.pipeline.locate.page_features import compute_page_features
from ocrfill.pipeline.locate.registration.alignment import RowMeans
from ocrfill.pipeline.locate.registration.table import fit_table
from ocrfill.pipeline.locate.registration.table_curved import find_lean
from ocrfill.pipeline.page_cells import cells_of_layout, cells_of_page
from ocrfill.pipeline.preprocess import straighten
from ocrfill.pipeline.scans import open_scan

REAL = SHARED / "data" / "tables"

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


def test_a_layout_drafted_from_one_page_finds_the_cells_of_others():
    tables = [LEFT, RIGHT]
    one = draw(tables, (1760, 1240), np.random.default_rng(11), dotted=True)
    draft = draft_table(bent(one, true_cells(tables), turn=0.4)[0])
    assert len(draft.columns) == 8
    assert draft.written_columns() == (1, 2, 3, 5, 6, 7)
    layout = parse_layout(skeleton_yaml(draft, "drawn", "KH", (298, 210)), "drawn")
    assert layout.body.records == len(LEFT.y) - 1
    other = draw(tables, (1760, 1240), np.random.default_rng(12), dotted=True)
    page, truth = bent(other, true_cells(tables), turn=-1.2, curl=14, gutter=880)
    found = compare_cells([(TrueTables(truth), cells_of_layout(page, layout))])
    assert found.f1(0.6) == 1
    assert found.weighted_average > 0.9
    with pytest.raises(PageError, match="does not fit"):
        cells_of_layout(Page("x", 1, draw([HEADED], (1760, 1640), np.random.default_rng(1)), 150.0), layout)


def test_a_table_whose_lines_are_not_equally_high_says_so():
    table = Ruled((80, 400, 760, 1160), (200, 300, *range(340, 1500, 40)))
    draft = draft_table(bent(draw([table], (1240, 1640), np.random.default_rng(3)), true_cells([table]))[0])
    assert len(draft.levels) == 30
    assert draft.head_top == pytest.approx(200 / 1640, abs=0.003)
    text = skeleton_yaml(draft, "drawn", "KS", (210, 297))
    assert "levels" not in text
    wrong = text.replace("  cells:", "  levels: [0.2, 0.3]\n  cells:")
    with pytest.raises(BadLayout, match="must be 30 heights"):
        parse_layout(wrong, "drawn")


def test_a_page_without_rules_drafts_nothing(tmp_path):
    Image.fromarray(np.full((900, 700), 240, np.uint8)).save(tmp_path / "blank.png")
    command = ["layout", "draft", str(tmp_path / "blank.png"), "-o", str(tmp_path / "my.yaml")]
    assert isinstance(CliRunner().invoke(ocrfill, command).exception, BadInput)
    assert not (tmp_path / "my.yaml").exists()


@pytest.mark.tesseract
@pytest.mark.slow
def test_the_draft_command_writes_a_sound_layout_and_never_overwrites(tmp_path):
    image = draw([LEFT, RIGHT], (1760, 1240), np.random.default_rng(11))
    Image.fromarray(image).save(tmp_path / "page.png", dpi=(150, 150))
    command = ["layout", "draft", str(tmp_path / "page.png"), "--kind", "KH", "-o", str(tmp_path / "Sổ 1.yaml")]
    result = CliRunner().invoke(ocrfill, command)
    assert result.exit_code == 0, result.output
    layout = load_layout(tmp_path / "Sổ 1.yaml")
    assert (layout.kind, layout.body.records, len(layout.fields)) == ("KH", 24, 6)
    assert (tmp_path / "Sổ 1.yaml").read_text(encoding="utf-8").count("CHECK") >= 5
    assert isinstance(CliRunner().invoke(ocrfill, command).exception, BadInput)


def test_a_form_layout_has_no_cells():
    with pytest.raises(BadInput, match="is a form"):
        cells_of_layout(Page("x", 1, np.full((900, 700), 240, np.uint8), 100.0), load_layout("ks_2006_2015"))


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


def leaning(page, truth, shift):
    """The page and its cells with what is below moved sideways, by `shift` pixels from top to bottom."""
    height, width = page.image.shape
    matrix = np.array([(1.0, shift / height, -shift / 2), (0.0, 1.0, 0.0)])
    image = cv2.warpAffine(page.image, matrix, (width, height), borderValue=232)
    cells = [np.array(cell.polygon) @ matrix[:, :2].T + matrix[:, 2] for cell in truth]
    moved = (replace(c, polygon=tuple((float(x), float(y)) for x, y in o)) for c, o in zip(truth, cells, strict=True))
    return replace(page, image=image), tuple(moved)


def test_a_drafted_layout_is_located_on_pages_whose_rules_lean_and_bend():
    tables = [LEFT, RIGHT]
    draft = draft_table(bent(draw(tables, (1760, 1240), np.random.default_rng(11)), true_cells(tables))[0])
    layout = parse_layout(skeleton_yaml(draft, "drawn", "KH", (298, 210)), "drawn")
    other = draw(tables, (1760, 1240), np.random.default_rng(12))
    page, truth = leaning(*bent(other, true_cells(tables), curl=20, gutter=880), shift=24)
    flat = straighten(page)
    evidence = compute_page_features(flat)
    assert fit_table(evidence, layout.body).score < GOOD_FIT_SCORE
    located = locate(flat, layout.body)
    assert located.fit.score > GOOD_FIT_SCORE
    written = {(1, 1): 1, (1, 2): 2, (1, 3): 3, (2, 1): 5, (2, 2): 6, (2, 3): 7}
    true = {(c.rows[0], f"column_{written[c.table, c.columns[0]]}"): c.polygon for c in truth}
    for box in located.boxes:
        (strip,) = box.strips
        outline = flat.to_source.unapply(np.array(true[box.record, box.name]))
        left, right = outline[:, 0].min(), outline[:, 0].max()
        middle = strip.box.left + (strip.box.right - strip.box.left) / 2
        assert middle == pytest.approx((left + right) / 2, abs=6)
        assert strip.baseline == pytest.approx(np.sort(outline[:, 1])[-3:].mean() - 8, abs=8)


@pytest.mark.shared_data
@pytest.mark.nightly
@pytest.mark.tesseract
def test_a_layout_drafted_from_one_real_page_reads_another(tmp_path):
    if not (REAL / "real_cells.json").is_file():
        pytest.skip("the archival tables kept outside the repository are not there")
    pages = REAL / "real_cells"
    layout = tmp_path / "lyon.yaml"
    drafted = CliRunner().invoke(ocrfill, ["layout", "draft", str(pages / "lyon02.jpg"), "-o", str(layout)])
    assert drafted.exit_code == 0, drafted.output
    command = ["read", str(pages / "lyon00.jpg"), "--layout", str(layout), "--reader", "tesseract", "--json"]
    result = CliRunner().invoke(ocrfill, command)
    assert result.exit_code == 0, result.output
    (page,) = json.loads(result.stdout)["pages"]
    assert page["fit"] > BAD_FIT_SCORE
    assert len(page["records"]) == 24


@pytest.mark.parametrize("lean", [-9, 0, 6])
def test_upright_rules_are_sharpest_along_the_way_they_lean(lean):
    height, width = 600, 400
    upright = np.zeros((height, width), np.float32)
    for x in (60, 250, 340):
        for y in range(50, 550):
            upright[y, round(x + lean * (y - 300) / 500)] = 1
    found, along = find_lean(RowMeans(np.ascontiguousarray(upright.T)), (50.0, 550.0), (60.0, 340.0))
    assert found == pytest.approx(lean, abs=1)
    assert min(along[x - 1 : x + 2].sum() for x in (60, 250, 340)) > 0.9
