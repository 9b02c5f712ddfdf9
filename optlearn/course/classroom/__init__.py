"""A class: hand out, collect, grade in a sandbox, give back. nbgrader's own files underneath.

A classroom is a folder. ``settings`` knows it and makes it, ``roster`` who is in the class,
``collect`` what was handed in, ``sandbox`` and ``canary`` how a stranger's notebook is run,
``grade`` all of them, ``results`` what came out, ``giveback`` what students and platforms get, and
``command`` what a teacher types.
"""
