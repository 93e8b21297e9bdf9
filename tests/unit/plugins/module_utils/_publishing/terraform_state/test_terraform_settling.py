"""S3 that is behind: waited for with a limit, and never taken for the beginning of a new history."""

from __future__ import annotations

import json

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import (
    ApplyFailed,
    Refused,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.terraform_state import (
    document,
    settling,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.terraform_state.store import (
    Stored,
)


def body(serial):
    return json.dumps({"version": 4, "serial": serial, "lineage": "one", "outputs": {}, "resources": []}).encode()


def stored(serial=None, digest_of=None, known=True):
    """An object of one serial with the digest of another; without known, the digest is one that Terraform wrote."""
    content = body(serial) if serial else None
    digest = document.md5(body(digest_of)) if digest_of else None
    return Stored("key", content, digest, "", f"etag-{serial}" if serial else "", digest_of if known else None)


class FakeStore:
    """Answers one after the other, the last one for ever; newest is the ETag that S3 lists."""

    bucket, lock_table = "states", "locks"

    def __init__(self, *answers, newest=None):
        self.answers, self.newest, self.listed = list(answers), newest, 0

    def read(self, key, locked=False):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def newest_etag(self, key):
        self.listed += 1
        return self.newest

    def digest_id(self, key):
        return f"states/{key}-md5"


class Time:
    def __init__(self):
        self.now = 0.0

    def sleep(self, seconds):
        self.now += seconds


def read(store, timeout=900, time=None, failure=Refused, **options):
    time = time or Time()
    lines = []
    settled = settling.Settling(store, timeout, lines.append, lambda: time.now, time.sleep)
    return settled.read("key", failure, **options), lines, time.now


FRESH = {
    "nothing at all": FakeStore(stored()),
    "the object of its digest": FakeStore(stored(3, 3), newest="etag-9"),
    "a run that was killed between object and digest": FakeStore(stored(4, 3), newest="etag-9"),
    "the digest is wrong, and Terraform's": FakeStore(stored(3, 2, known=False), newest="etag-3"),
    "no digest yet": FakeStore(stored(1)),
}


@pytest.mark.parametrize("store", FRESH.values(), ids=FRESH)
def test_what_is_right_or_to_be_mended_is_not_waited_for(store):
    assert read(store)[1:] == ([], 0)


BEHIND = {
    "a digest without its object": (stored(digest_of=3), None, False),
    "an object that is older than its digest": (stored(2, 3), None, False),
    "an object that is older than Terraform's digest": (stored(2, 3, known=False), "etag-3", False),
    "no lock table, and an object that S3 lists and does not show": (stored(), "etag-3", True),
    "no lock table, and an object that is older than what S3 lists": (stored(2), "etag-3", True),
    "a killed run wrote a newer object, and no digest": (stored(2, 2), "etag-3", True),
}


@pytest.mark.parametrize(("answer", "newest", "locked"), BEHIND.values(), ids=BEHIND)
def test_s3_that_is_behind_is_waited_for_and_refused_in_the_end(answer, newest, locked):
    caught_up = stored(3, 3)
    found, lines, waited = read(FakeStore(answer, answer, answer, caught_up, newest=newest), locked=locked)
    assert found == caught_up and 0 < waited < 3
    assert len(lines) == 3 and all("waiting for S3 to show the state s3://states/key" in line for line in lines)
    for failure in (Refused, ApplyFailed):
        time = Time()
        with pytest.raises(failure, match=r"waited 900 seconds.*another history.*list-object-versions"):
            read(FakeStore(answer, newest=newest), time=time, failure=failure, locked=locked)
        assert 900 <= time.now < 901


def test_the_refusal_names_the_item_that_decides():
    with pytest.raises(Refused, match="delete the item states/key-md5 of table locks first"):
        read(FakeStore(stored(digest_of=3)), timeout=0)


def test_all_states_of_a_run_share_the_limit():
    time = Time()
    settled = settling.Settling(FakeStore(stored(digest_of=3)), 900, clock=lambda: time.now, sleep=time.sleep)
    for key in ("key", "another"):
        with pytest.raises(Refused):
            settled.read(key, Refused)
    assert time.now < 901


def test_removing_a_digest_that_is_left_over_needs_no_object_but_misses_none():
    assert read(FakeStore(stored(digest_of=3)), removing=True)[2] == 0
    with pytest.raises(Refused, match="S3 lists a newer version"):
        read(FakeStore(stored(digest_of=3), newest="etag-3"), removing=True)


def test_a_converged_run_lists_no_versions():
    store = FakeStore(stored(3, 3), newest="etag-3")
    read(store)
    assert store.listed == 0
