"""One BLAS thread: the matrices here are small, and threads that wait for each other only cost time."""

import pytest
from hypothesis import settings
from threadpoolctl import threadpool_limits

# Parts of scipy are imported on first use, which may take longer than an example may.
settings.register_profile("wdmath", deadline=None)
settings.load_profile("wdmath")


@pytest.fixture(scope="session", autouse=True)
def one_blas_thread():
    with threadpool_limits(limits=1):
        yield
