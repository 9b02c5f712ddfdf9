"""The kernel a lesson is executed and judged in: one BLAS thread, and nothing from outside.

As an IPython extension this module closes the network of the kernel that loads it, so that
``refresh`` and the tests start their kernels in the same way, without a word in a lesson.
"""

import os
import socket
import sys
from ipaddress import ip_address

#: With several threads a sum depends on the machine, and so would the stored outputs.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
#: What a learner has answered must not show in a stored lesson, nor a test in their record.
NO_RECORD = {"OPTLEARN_DATA": "off"}
ARGUMENTS = (f"--IPKernelApp.extra_extensions={__name__}",)

_CALLS = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.getaddrinfo": 0}


def environment():
    """Return the environment variables of a kernel."""
    return {**os.environ, **ONE_THREAD, **NO_RECORD}


def close_network():
    """Refuse every socket of this process that leads beyond this machine, for good."""
    own = socket.gethostname()

    def audit(event, arguments):
        if event not in _CALLS:
            return
        address = arguments[_CALLS[event]]
        host = address[0] if isinstance(address, tuple) else address
        # A socket file has a path instead of a host, and a bound or connected one no address.
        is_file = event != "socket.getaddrinfo" and not isinstance(address, tuple)
        if not is_file and host != own and not is_here(host):
            raise OSError(f"no network in lessons and tests: {host!r} is beyond this machine")

    sys.addaudithook(audit)


def is_here(host):
    """Return whether a host name or address means this machine."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost"):
        return True
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def load_ipython_extension(shell):
    """Close the network of a kernel; IPython calls this."""
    close_network()
