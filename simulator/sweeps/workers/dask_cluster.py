"""Workers of a Dask cluster: the batches are the same, Dask brings them there."""

import queue
from pathlib import Path
from time import monotonic
from typing import Any, NoReturn

from simulator.sweeps.workers.cluster_errors import explain
from simulator.sweeps.workers.cluster_security import ClientKeys
from simulator.sweeps.workers.messages import Batch, Report
from simulator.sweeps.workers.process import run_batch
from workloads.errors import InputError, refuse
from workloads.extras import import_extra
from workloads.regular_files import check_regular

AHEAD = 2
"""Batches for each worker's thread: one under way, one that waits."""
CONNECT_SECONDS = 20
AGAIN_SECONDS = 1
"""So long the result of one batch is waited for before the others are looked at."""
LOST_SECONDS = 15
"""So long a scheduler may be out of reach."""


class ClusterExecutor:
    """The workers of an existing scheduler."""

    loads = 1

    def __init__(self, address: str, keys: ClientKeys | None = None, lost_seconds: float = LOST_SECONDS):
        self.address = address
        self._lost_seconds = lost_seconds
        self._distributed = import_extra("distributed", "cluster", f"cluster {address}")
        security = keys and self._distributed.Security(require_encryption=True, **keys._asdict())
        self._client = self._connect(security)
        self._futures: dict[int, Any] = {}
        self._done: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._seen = monotonic()
        self._threads = 0

    def __enter__(self) -> "ClusterExecutor":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close(timeout=1)

    def room(self) -> int:
        """How many batches it takes now: none while there is no worker. InputError where the scheduler is gone."""
        self._look()
        return AHEAD * self._threads - len(self._futures)

    def idle(self) -> int:
        """None: what Dask's workers have cannot be asked back in the middle."""
        return 0

    def waits(self) -> bool:
        """Whether the scheduler has no worker."""
        return self._threads == 0

    def submit(self, batch: Batch) -> None:
        """Hand a batch to Dask."""
        future = self._client.submit(run_batch, batch, key=f"zeroskip-{id(self)}-{batch.number}", pure=False)
        self._futures[batch.number] = future
        number = batch.number
        future.add_done_callback(lambda _: self._done.put(number))

    def give_back(self) -> None:
        """Cancel what no worker has begun; what is under way ends by itself."""
        begun = {str(key) for keys in self._client.processing().values() for key in keys}
        for number, future in list(self._futures.items()):
            if str(future.key) not in begun:
                self._futures.pop(number)
                future.cancel()
                self._done.put(-number)

    def collect(self, seconds: float) -> list[Report]:
        """What came back meanwhile. InputError where the scheduler is gone."""
        self._look()
        numbers = []
        try:
            numbers.append(self._done.get(timeout=seconds))
            while True:
                numbers.append(self._done.get_nowait())
        except queue.Empty:
            pass
        return [report for number in numbers if (report := self._report(number)) is not None]

    def _report(self, number: int) -> Report | None:
        if number < 0:
            return Report(-number, (), done=True)
        future = self._futures.pop(number, None)
        if future is None:
            return None
        try:
            report: Report = future.result(timeout=AGAIN_SECONDS)
        except self._distributed.CancelledError:
            self._fail()
        except self._distributed.KilledWorker:
            return Report(number, (), done=True, lost=True)
        except Exception as error:  # whatever Dask or a worker of another version raises
            if isinstance(error, OSError) and future.status != "error":
                self._again(number, future)
                return None
            raise InputError(
                f"cluster {self.address}: a worker failed ({error}); expected workers with zeroskip installed"
            ) from error
        return report

    def _again(self, number: int, future: Any) -> None:
        """Ask later: a worker died with the result and Dask runs it again, or the scheduler is out of reach."""
        self._futures[number] = future
        self._done.put(number)

    def _look(self) -> None:
        """Note whether the scheduler is there, and how many threads its workers have."""
        now = monotonic()
        if self._client.status == "running":
            self._seen = now
            self._threads = sum(worker["nthreads"] for worker in self._client.scheduler_info()["workers"].values())
        elif now - self._seen > self._lost_seconds or self._client.status == "closed":
            self._fail()

    def _connect(self, security: Any) -> Any:
        path = Path(self.address)
        if path.suffix == ".json":  # Dask would wait for a missing one without end
            check_regular(path, "the scheduler file of a Dask scheduler")
        where = {"scheduler_file": self.address} if path.suffix == ".json" else {"address": self.address}
        try:
            return self._distributed.Client(**where, timeout=CONNECT_SECONDS, set_as_default=False, security=security)
        except (OSError, ValueError, ImportError, RuntimeError, AssertionError, TypeError) as error:
            refuse(f"cluster {self.address}", *explain(error, security is not None))

    def _fail(self) -> NoReturn:
        raise InputError(
            f"cluster {self.address}: the scheduler is gone; expected it to stay: what is stored stays, and the same "
            "command goes on from there once a scheduler runs"
        )
