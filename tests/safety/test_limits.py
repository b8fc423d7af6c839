"""How much one visitor may ask, and who a visitor is."""

import sys

import pytest

from demo.limits import QUEUE, Allowances, Limits, limits_here, visitor_of
from xmr_core import ConfigError


class Clock:
    """Time that passes when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_burst_then_the_long_run(clock):
    allowances = Allowances(Limits(per_minute=60, at_once=5), clock)
    assert [allowances.take("a", 1) for _ in range(5)] == [0] * 5
    wait_s = allowances.take("a", 1)
    assert wait_s == pytest.approx(1)
    clock.now += 0.99
    assert allowances.take("a", 1) > 0
    clock.now += 0.02
    assert allowances.take("a", 1) == 0
    clock.now += 3600
    assert [bool(allowances.take("a", 1)) for _ in range(6)] == [False] * 5 + [True]


def test_one_visitor_takes_nothing_from_another(clock):
    allowances = Allowances(Limits(at_once=2), clock)
    while not allowances.take("greedy", 1):
        pass
    assert allowances.take("other", 1) == 0


def test_what_is_remembered_is_bounded(clock):
    allowances = Allowances(Limits(visitors=100), clock)
    for number in range(5000):
        allowances.take(f"visitor {number}", 1)
    assert len(allowances) == 100
    assert sys.getsizeof(allowances._left) < 50_000


def test_open_requests_are_counted_and_forgotten():
    allowances = Allowances(Limits(open_requests=3))
    assert [allowances.enter("a") for _ in range(4)] == [True, True, True, False]
    assert allowances.enter("b")
    for _ in range(3):
        allowances.leave("a")
    assert allowances.enter("a")
    allowances.leave("a")
    allowances.leave("b")
    assert not allowances._open


@pytest.mark.parametrize(
    ("client", "forwarded", "proxies", "visitor"),
    [
        ("8.8.8.8", "", 0, "8.8.8.8"),
        ("8.8.8.8", "1.1.1.1", 0, "8.8.8.8"),  # anybody can send a header
        ("10.0.0.7", "9.9.9.9, 1.1.1.1", 1, "1.1.1.1"),  # 9.9.9.9 is what the visitor claims
        ("10.0.0.7", "9.9.9.9, 1.1.1.1, 10.1.2.3", 1, "1.1.1.1"),
        ("10.0.0.7", "9.9.9.9, 1.1.1.1, 4.4.4.4", 2, "1.1.1.1"),
        ("10.0.0.7", "", 1, "10.0.0.7"),
        ("10.0.0.7", "nonsense, <script>", 1, "10.0.0.7"),
        ("10.0.0.7", "1.1.1.1:4711", 1, "1.1.1.1"),
        ("2001:4860:4860::8888", "", 0, "2001:4860:4860::/64"),
        ("2001:4860:4860::1:2:3:4", "", 0, "2001:4860:4860::/64"),
        ("::ffff:8.8.8.8", "", 0, "8.8.8.8"),
        ("10.0.0.7", "[2001:4860:4860::8888]:443", 1, "2001:4860:4860::/64"),
        ("", "", 0, "unknown"),
        ("testclient", "", 0, "unknown"),
    ],
)
def test_whose_request_it_is(client, forwarded, proxies, visitor):
    assert visitor_of(client, forwarded, proxies) == visitor


def test_a_long_header_costs_little():
    assert visitor_of("10.0.0.7", "1.2.3.4," * 100_000 + "1.1.1.1", 1) == "1.1.1.1"


def test_the_environment_says_how_much():
    assert limits_here({}).proxies == 0
    assert limits_here({"SPACE_ID": "a/b"}).proxies == 1
    assert limits_here({"SPACE_ID": "a/b", "XMR_PROXIES": "2"}).proxies == 2
    assert limits_here({"XMR_PER_MINUTE": "6000"}).per_minute == 6000
    assert limits_here({"XMR_PER_MINUTE": "6000"}).at_once == 2000
    for name in ("XMR_PER_MINUTE", "XMR_PROXIES"):
        for value in ("many", "-1", "nan", "inf", "1e999"):
            with pytest.raises(ConfigError, match=name):
                limits_here({name: value})
    for wrong in ({"XMR_PER_MINUTE": "0"}, {"XMR_PROXIES": "1.5"}):
        with pytest.raises(ConfigError):
            limits_here(wrong)


def test_one_visitor_cannot_fill_the_queue():
    assert Limits().at_once < QUEUE
