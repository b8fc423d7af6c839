"""A Hub, a cache and a process that asks the one with the other, for all tests of a file."""

import pytest
from hub_server import HubServer
from unit.hub.hub_caller import Caller


@pytest.fixture(scope="module")
def hub():
    with HubServer() as server:
        yield server


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def call(hub, cache):
    caller = Caller(hub.environment(cache))
    yield caller
    caller.close()
