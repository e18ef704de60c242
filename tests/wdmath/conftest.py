"""One BLAS thread: the matrices here are small, and threads that wait for each other only cost time."""

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="session", autouse=True)
def one_blas_thread():
    with threadpool_limits(limits=1):
        yield
