"""Maps between a page and its scan: what has laws is tested by its laws."""

import numpy as np
import pytest

from ocrfill.document.warp import Mesh, Warp, hull


def curl(width=800.0, height=1100.0):
    rows, columns = 5, 7
    rng = np.random.default_rng(3)
    dx, dy = rng.uniform(-6, 6, (2, rows * columns))
    return Mesh(width, height, rows, columns, tuple(dx.tolist()), tuple(dy.tolist()))


@pytest.mark.parametrize("mesh", [None, curl()], ids=["flat", "curled"])
def test_warp_inverts(mesh):
    matrix = np.array([[0.99, 0.02, 14.0], [-0.03, 1.01, -8.0], [1e-5, -2e-5, 1.0]])
    warp = Warp.of(matrix, mesh)
    points = np.random.default_rng(1).uniform((0, 0), (800, 1100), (200, 2))
    assert np.abs(warp.unapply(warp.apply(points)) - points).max() < 0.05


def test_warp_then_matrix_is_both_in_turn():
    warp = Warp.of(np.array([[1.0, 0.1, 3.0], [0.0, 1.0, 2.0]]), curl())
    turn = np.array([[0.0, -1.0, 50.0], [1.0, 0.0, 0.0]])
    points = np.array([(10.0, 20.0), (300.0, 700.0)])
    expected = Warp.of(turn).apply(warp.apply(points))
    assert np.allclose(warp.then(turn).apply(points), expected)


def test_mesh_at_its_nodes_is_its_values():
    mesh = curl()
    nodes = np.array([(c * 800 / 6, r * 1100 / 4) for r in range(5) for c in range(7)])
    assert np.allclose(mesh.at(nodes)[:, 0], mesh.dx)
    assert np.allclose(mesh.at(nodes)[:, 1], mesh.dy)


def test_hull_goes_around_all():
    outline = hull((((0, 0), (4, 0), (4, 2)), ((10, 10), (12, 10), (12, 14))))
    assert {(0, 0), (4, 0), (12, 14)} <= set(outline)
    assert hull(()) == ()
