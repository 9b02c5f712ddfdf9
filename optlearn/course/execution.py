"""Execute a notebook in a kernel of its own, and say in one line why it could not be done."""

import asyncio
import contextlib
import subprocess
from concurrent import futures
from pathlib import Path

from .stored import KERNELSPEC, NotebookError

DOCTOR = "optlearn doctor says what is missing"


def execute(notebook, path, *, env, timeout, arguments=(), keep_going=False):
    """Fill in the outputs of a notebook that :func:`stored.read` gave, in its own folder.

    Parameters
    ----------
    notebook : notebook
        Is changed; the file is not.
    path : path
        The kernel works in its folder, and messages name it.
    env : dict
        The environment variables of the kernel.
    timeout : float
        Seconds that one cell may take.
    arguments : iterable of str
        Of the kernel.
    keep_going : bool, default False
        Keep errors as outputs, stop a cell that does not end, and go on.

    Raises
    ------
    NotebookError
        Where a cell fails or there is no kernel; it names the notebook, the cell and the reason.
    KeyboardInterrupt
        On Ctrl-C; the kernel has ended by then.
    """
    import nbclient
    from jupyter_client.kernelspec import NoSuchKernel

    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
    client = _client(
        notebook,
        timeout=timeout,
        interrupt_on_timeout=keep_going,
        allow_errors=keep_going,
        extra_arguments=list(arguments),
        resources={"metadata": {"path": str(Path(path).resolve().parent)}},
    )
    try:
        _run(client, env=env, stderr=subprocess.DEVNULL)
    except Exception as error:
        known = nbclient.exceptions.CellControlSignal, nbclient.exceptions.DeadKernelError
        if isinstance(error, known):
            message = f"{path}: {client.place} {_why(error)}"
        elif isinstance(error, NoSuchKernel):
            message = f"there is no kernel {error.name}: {DOCTOR}"
        elif isinstance(error, RuntimeError):
            message = f"the kernel does not start ({error}): {DOCTOR}"
        else:
            raise
        raise NotebookError(message) from error


def _run(client, **options):
    """Let a client execute its notebook in a thread of its own, and stop it on Ctrl-C.

    In this thread a loop may run already, as in a notebook. There nbclient hears nothing of
    Ctrl-C and leaves the kernel behind; elsewhere it kills the kernel, and says that it died.
    """
    begun = futures.Future()

    async def work():
        begun.set_result(asyncio.get_running_loop())
        await client.async_execute(**options)

    def stop():
        for task in asyncio.all_tasks():  # those that watch the kernel would miss it loudly
            task.cancel()

    with futures.ThreadPoolExecutor(1) as thread:  # which waits for the kernel's end, too
        done = thread.submit(asyncio.run, work())
        try:
            while not futures.wait([done], 0.2).done:  # Windows hears Ctrl-C between two waits
                pass
        except KeyboardInterrupt:
            with contextlib.suppress(RuntimeError):  # it has just come to its end
                begun.result().call_soon_threadsafe(stop)
            raise
        done.result()


def _client(notebook, **settings):
    """Return nbclient's client, which also knows which cell runs."""
    import nbclient

    class Client(nbclient.NotebookClient):
        place = "the kernel"

        def begin(self, cell, cell_index):
            self.place = f"cell {cell_index} ({cell.get('id', 'no id')})"

    client = Client(
        notebook,
        kernel_name=KERNELSPEC["name"],
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,
        **settings,
    )
    client.on_cell_start = client.begin
    client.log.setLevel("CRITICAL")  # what went wrong is said once, by the exception
    return client


def _why(error):
    if hasattr(error, "ename"):
        message = (error.evalue.strip() or "no message").splitlines()[0]
        return f"raises {error.ename}: {message}"
    return f"does not end: {str(error).strip().splitlines()[0]}"
