import numpy as np
import pytest

from optlearn import landscapes

SETTINGS = [
    *[(name, {}) for name in landscapes.NAMES],
    ("quadratic", {"condition": 100.0, "angle": 45.0, "sharpness": 4.0}),
    ("rotated_quadratic", {"condition": 1000.0}),
    ("ravine", {"steepness": 3.0}),
    ("rosenbrock", {"a": 2.0, "b": 100.0}),
    ("double_well", {"tilt": 0.0}),
    ("cliff", {"length": 10, "target": 0.6}),
]


@pytest.fixture(params=SETTINGS, ids=lambda s: f"{s[0]} {s[1] or ''}")
def landscape(request):
    name, kw = request.param
    return landscapes.get(name, **kw)


@pytest.fixture
def points(landscape):
    low, high = np.array(landscape.bounds).T
    return np.random.default_rng(0).uniform(low, high, (40, 2))


def differences(function, points, eps=1e-6):
    steps = eps * np.eye(2)
    return np.stack([(function(points + s) - function(points - s)) / (2 * eps) for s in steps], -1)


def test_gradients_equal_differences_of_the_value(landscape, points):
    g = landscape.gradient(points)
    np.testing.assert_allclose(
        g, differences(landscape.value, points), rtol=1e-6, atol=1e-8 * np.abs(g).max()
    )


def test_hessians_equal_differences_of_the_gradient(landscape, points):
    h = landscape.hessian(points)
    np.testing.assert_allclose(
        h, differences(landscape.gradient, points), rtol=1e-6, atol=1e-8 * np.abs(h).max()
    )


def test_sharpness_is_the_largest_eigenvalue(landscape, points):
    largest = np.linalg.eigvalsh(landscape.hessian(points))[:, -1]
    scale = np.abs(landscape.hessian(points)).max()
    np.testing.assert_allclose(landscape.sharpness(points), largest, atol=1e-12 * scale)


def test_minima_are_minima_and_the_lowest_comes_first(landscape):
    values = landscape.value(landscape.minima)
    assert np.all(np.diff(values) >= -1e-12)
    assert np.abs(landscape.gradient(landscape.minima)).max() < 1e-10
    nearby = landscape.minima + 1e-3 * np.array([[[1, 0]], [[0, 1]], [[-1, 0]], [[0, -1]]])
    assert np.all(landscape.value(nearby) >= values - 1e-15)


def test_points_paths_and_maps_give_the_same_numbers(landscape, points):
    for function in (landscape.value, landscape.gradient, landscape.hessian):
        whole = function(points.reshape(4, 10, 2))
        assert np.array_equal(whole.reshape(40, *whole.shape[2:])[7], function(points[7]))


def test_the_start_and_a_minimum_lie_in_the_picture_which_is_4_to_3(landscape):
    (x0, x1), (y0, y1) = landscape.bounds
    assert (x1 - x0) / (y1 - y0) == pytest.approx(4 / 3)
    assert x0 < landscape.start[0] < x1
    assert y0 < landscape.start[1] < y1


@pytest.mark.parametrize("name", landscapes.NAMES)
def test_a_default_landscape_shows_a_minimum(name):
    landscape = landscapes.get(name)
    low, high = np.array(landscape.bounds).T
    assert ((landscape.minima > low) & (landscape.minima < high)).all(axis=1).any()


@pytest.mark.parametrize("angle", [0.0, 30.0, 90.0, 200.0])
def test_the_bowl_has_the_condition_number_and_sharpness_asked_for(angle):
    bowl = landscapes.get("quadratic", condition=50, angle=angle, sharpness=3)
    low, high = np.linalg.eigvalsh(bowl.hessian(np.zeros(2)))
    assert high == pytest.approx(3)
    assert high / low == pytest.approx(50)


@pytest.mark.parametrize(
    ("name", "kw", "says"),
    [
        ("hill", {}, "unknown landscape 'hill': known are quadratic, rotated_quadratic, ravine"),
        ("quadratic", {"condition": 0.5}, "condition must be a number >= 1, got 0.5"),
        ("quadratic", {"condition": np.nan}, "got nan"),
        ("quadratic", {"sharpness": 0}, "sharpness must be > 0"),
        ("quadratic", {"angle": np.inf}, "angle must be a number of degrees"),
        ("ravine", {"steepness": -1}, "steepness must be > 0"),
        ("double_well", {"tilt": 0.5}, r"tilt must be in \[0, 0.385\)"),
        ("cliff", {"length": 0}, "length must be a whole number >= 1"),
        ("cliff", {"target": 1.5}, "target must be between 0 and 1"),
    ],
)
def test_bad_settings_are_refused_with_the_value(name, kw, says):
    with pytest.raises(ValueError, match=says):
        landscapes.get(name, **kw)


@pytest.mark.parametrize(
    ("points", "error"),
    [(np.zeros(3), ValueError), (1.0, ValueError), (np.array(["a", "b"]), TypeError)],
)
def test_points_of_a_wrong_shape_or_kind_are_refused(points, error):
    with pytest.raises(error, match="saddle takes"):
        landscapes.get("saddle").gradient(points)


def test_whole_numbers_are_points_too():
    assert landscapes.get("saddle").gradient([1, 1]).tolist() == [2.0, -1.0]
