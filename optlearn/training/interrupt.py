"""Ctrl-C during training."""

import signal
import threading


class Interrupt:
    """Hold Ctrl-C back until a step is whole; a second one is not held back.

    Python would raise ``KeyboardInterrupt`` between any two operations, and so leave an optimizer
    whose state has moved and whose weights have not. Where this is not Python's own handler, or
    not the main thread, everything stays as it is.
    """

    def __enter__(self):
        self.asked = self._ours = False
        handler = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is threading.main_thread():
            self._ours = handler is signal.default_int_handler
        if self._ours:
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *error):
        if self._ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def check(self, *_):
        """Raise ``KeyboardInterrupt`` if Ctrl-C was pressed."""
        if self.asked:
            raise KeyboardInterrupt

    def _note(self, number, frame):
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
