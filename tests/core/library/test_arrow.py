import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.library import arrow


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.float32, np.float64, np.bool_])
@settings(deadline=None)
@given(data=st.data())
def test_numbers_come_back(dtype, data):
    values = data.draw(arrays(dtype, st.integers(0, 70)))
    column = arrow.number_column(values)
    column.validate(full=True)
    back = arrow.numbers_of(pa.chunked_array([column]))
    assert back.dtype == dtype
    np.testing.assert_array_equal(back, values)
    start = data.draw(st.integers(0, len(values)))
    np.testing.assert_array_equal(arrow.numbers_of(column.slice(start)), values[start:])


@settings(deadline=None)
@given(st.lists(st.binary(max_size=20), max_size=30), st.lists(st.text(max_size=9), max_size=30))
def test_bytes_and_texts_come_back(data, words):
    column = arrow.bytes_column(data)
    column.validate(full=True)
    assert column.to_pylist() == data
    texts = [word.encode("utf-8", "ignore").decode() for word in words]
    column = arrow.text_column(texts)
    column.validate(full=True)
    assert column.to_pylist() == texts


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=9))
def test_lists_come_back(rows):
    column = arrow.list_column(rows)
    column.validate(full=True)
    assert column.to_pylist() == rows


@settings(deadline=None)
@given(st.integers(0, 20), st.integers(1, 12))
def test_matrices_come_back_also_from_a_part(rows, width):
    values = np.arange(rows * width, dtype=np.float32).reshape(rows, width)
    column = pa.chunked_array([arrow.matrix_column(values)])
    np.testing.assert_array_equal(arrow.matrix_of(column), values)
    np.testing.assert_array_equal(arrow.matrix_of(column.slice(rows // 2)), values[rows // 2 :])


def test_reading_and_writing_a_shard_does_not_import_pandas(tmp_path):
    code = (
        "import sys; from pathlib import Path; from core.library.library import Library\n"
        "from tests.fakes import add_shard\n"
        f"library = Library.open(Path({str(tmp_path / 'library')!r})); add_shard(library, 'v')\n"
        "shard = library.shard('v'); shard.tracks(); shard.events(); shard.crops(); "
        "shard.votes(1)\n"
        "shard.path_of(1); shard.crop_jpeg(0); shard.detections(); shard.links(); shard.scenes()\n"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
