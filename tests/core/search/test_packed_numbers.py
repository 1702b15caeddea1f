import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.library.parquet import NumbersColumn, numbers_array
from core.search.packed_numbers import numbers_of, packed

ROW = st.dictionaries(
    st.text(max_size=5), st.floats(allow_nan=False, allow_infinity=False), max_size=3
)


@given(st.lists(ROW, max_size=150), st.booleans())
def test_each_row_comes_back_as_it_was(rows, from_disk):
    given_rows = NumbersColumn(pa.chunked_array([numbers_array(rows)])) if from_disk else rows
    block = packed(given_rows, "n")
    assert [numbers_of(block, "n", row) for row in range(len(rows))] == rows
    assert block["n"].dtype == np.uint8
    assert len(block["n"]) == block["n_bytes"].sum()


@pytest.mark.parametrize("row", [1, 64, 200])
def test_a_row_that_there_is_not(row):
    with pytest.raises(IndexError):
        numbers_of(packed([{"a": 1.0}], "n"), "n", row)
