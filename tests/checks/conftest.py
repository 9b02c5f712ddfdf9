"""Each of some students gets numbers of their own."""

import pytest

STUDENTS = ("0", "ada", "grace", "4711")


@pytest.fixture(params=STUDENTS)
def student(request, monkeypatch):
    monkeypatch.setenv("OPTLEARN_STUDENT", request.param)
    return request.param
