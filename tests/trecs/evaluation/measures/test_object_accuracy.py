import numpy as np
import pytest

from trecs.evaluation.measures.object_accuracy import semantic_object_accuracy


def test_by_hand():
    # The first label is named by four texts and found in three pictures, the second once, in none.
    named = np.array([[1, 0, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0]])
    found = np.array([[1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0]])
    by_class, by_image = semantic_object_accuracy(named, found)
    assert by_class == pytest.approx((3 / 4 + 0) / 2)
    assert by_image == pytest.approx(3 / 5)


def test_nothing_named_is_no_number():
    assert np.isnan(semantic_object_accuracy(np.zeros((2, 3), int), np.zeros((2, 3), int))).all()
