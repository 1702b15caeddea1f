import threading

import numpy as np
import pytest

from core.errors import LibraryError
from core.library.vectors import read_vectors, write_vectors


@pytest.mark.parametrize("shape", [(5, 8), (1, 1), (0, 8), (300, 512)])
def test_vectors_come_back_and_numpy_reads_them_as_well(tmp_path, shape):
    vectors = np.random.default_rng(0).normal(size=shape).astype(np.float16)
    stamp = write_vectors(tmp_path / "v.npy", vectors, shape[0])
    assert stamp.size_bytes == (tmp_path / "v.npy").stat().st_size
    np.testing.assert_array_equal(read_vectors(tmp_path / "v.npy", *shape), vectors)
    np.testing.assert_array_equal(np.load(tmp_path / "v.npy"), vectors)


@pytest.mark.parametrize("asked", [(4, 8), (5, 7), (8, 5), (0, 8)])
def test_another_shape_is_damage(tmp_path, asked):
    write_vectors(tmp_path / "v.npy", np.zeros((5, 8), np.float16), 5)
    with pytest.raises(LibraryError, match=r"v\.npy is damaged"):
        read_vectors(tmp_path / "v.npy", *asked)


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"x" * 300])
def test_rubbish_is_damage(tmp_path, content):
    (tmp_path / "v.npy").write_bytes(content)
    with pytest.raises(LibraryError, match="is damaged"):
        read_vectors(tmp_path / "v.npy", 5, 8)
    with pytest.raises(LibraryError, match="is missing"):
        read_vectors(tmp_path / "gone.npy", 5, 8)


def test_many_threads_at_once(tmp_path):
    write_vectors(tmp_path / "v.npy", np.ones((50, 8), np.float16), 50)
    wrong: list[str] = []

    def read() -> None:
        for _ in range(300):
            try:
                assert read_vectors(tmp_path / "v.npy", 50, 8).sum() == 400
            except BaseException as error:
                wrong.append(repr(error))
                raise

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
