"""Stands in for a pool of workers."""

from concurrent.futures import Executor, Future


class HereExecutor(Executor):
    """Does each task at once, where it was asked."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        future.set_result(fn(*args, **kwargs))
        return future
