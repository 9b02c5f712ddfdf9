"""Who says a name gets numbers of their own, the same ones every time."""

from optlearn.course import student, variant


def test_a_name_draws_numbers_of_its_own(monkeypatch):
    monkeypatch.setenv("OPTLEARN_STUDENT", "0")  # and what was there before comes back
    everybody = repr(variant("02.predict"))
    student("")
    assert repr(variant("02.predict")) == everybody
    drawn = set()
    for name in ("ada", "bob", "eve", 4711):
        student(name)
        drawn.add(repr(variant("02.predict")))
    assert len(drawn | {everybody}) > 3
    student("ada")
    ada = repr(variant("02.predict"))
    student(" Ada ")
    assert repr(variant("02.predict")) == ada


def test_two_classes_have_numbers_of_their_own(monkeypatch):
    monkeypatch.setenv("OPTLEARN_STUDENT", "ada")
    before = [repr(variant(f"02.{key}")) for key in ("predict", "order", "diagnose")]
    monkeypatch.setenv("OPTLEARN_CLASS", "spring")
    assert [repr(variant(f"02.{key}")) for key in ("predict", "order", "diagnose")] != before
