# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is found: each type after those that it reads, and once more by tags where a name alone finds it."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.adapter import Adapter
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import InputError
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.observing import observe_all
from world import SCOPE, existing


class Seen(Adapter):
    """Finds one item, and notes what it was given."""

    def __init__(self, log=None):
        super().__init__(SCOPE)
        self.log = [] if log is None else log

    def observe(self, wanted, found):
        self.log.append((self.type, {kind: [item.id for item in items] for kind, items in found.items()}))
        return [existing(self.type, "a")]


def adapter(name, log=None, **words):
    return type(name, (Seen,), {"type": name, **words})(log)


def test_a_type_is_observed_after_those_it_reads_and_is_given_just_these():
    log = []
    lid, handle = adapter("lid", log, reads=("box", "cellar")), adapter("handle", log, reads=("lid",))
    found = observe_all([lid, handle, adapter("box", log)], [], workers=1)
    assert log == [("box", {}), ("lid", {"box": ["box-a"]}), ("handle", {"lid": ["lid-a"]})]
    assert sorted(found) == ["box", "handle", "lid"]


def test_types_that_read_nothing_of_each_other_are_observed_side_by_side():
    meeting = threading.Barrier(2, timeout=10)

    class Meeting(Seen):
        def observe(self, wanted, found):
            meeting.wait()  # breaks where the other one comes only afterwards
            return []

    adapters = [type(name, (Meeting,), {"type": name})() for name in ("box", "lid")]
    assert observe_all(adapters, []) == {"box": [], "lid": []}


def test_a_circle_of_reads_is_an_error_that_names_it():
    adapters = [adapter("box", reads=("lid",)), adapter("lid", reads=("box",))]
    with pytest.raises(InputError, match=r"^The order of observing \(reads\) goes in a circle: (box|lid) before "):
        observe_all(adapters, [])


def test_what_the_tags_find_beside_the_name_is_read_and_added():
    twin = existing("box", "a")
    twin.id = "box-twin"

    class Box(Seen):
        type = "box"

        def read(self, arn):
            return {"arn:twin": twin}.get(arn)

    tagged = {"box": {"arn:twin": SCOPE.tags("a"), "arn:gone": SCOPE.tags("a"), "arn:other": SCOPE.tags("b")}}
    found = observe_all([Box()], [], lambda: tagged)
    assert [item.id for item in found["box"]] == ["box-a", "box-twin"]
