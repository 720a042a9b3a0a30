"""What every test may rely on: no settings from outside, no Internet, and a fresh database of either kind.

Fixtures: `database_url` (the test runs twice: SQLite, PostgreSQL; all tables there), `sqlite_url` and `postgres_url`
(one of them), `empty_database_url` (both, before any migration), `postgres_server`, `kill_rounds`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest

from tests.support import internet, postgres
from tests.support.databases import make_tables, sqlite_address
from tests.support.sharing import once

_TEMPLATE = "saathi_template"
_LONG = (
    "test_kills",
    "test_promise_03_never_lost",
    "test_promise_04_never_silently_twice",
    "test_compose",
    "test_alert_clock",
    "test_console_browser",
    "test_demo_browser",
    "test_channel",
    "test_promise_12_limits_are_shared",
    "test_promise_08_stop_never_lies",
    "test_promise_02_one_row_one_occurrence",
    "test_backup",
    "test_questions",
    "test_console_security",
    "test_webhook",
    "test_enrol",
    "test_ring_browser",
    "test_enrol_browser",
    "test_story",
    "test_simulate",
    "test_state_machine",
    "test_promise_16_preview_is_the_delivery",
)
"""Files that take long, the longest first. One that is not named here costs only time."""


def pytest_configure(config: pytest.Config) -> None:
    """Shut the Internet out and forget settings of the machine before anything is imported or started."""
    internet.install()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        # What programs keep is shared by all processes of a run and by those they start; the next run begins anew.
        kept = tempfile.mkdtemp(prefix="saathi-tests-")
        os.environ["XDG_CACHE_HOME"] = kept
        config.add_cleanup(lambda: shutil.rmtree(kept, ignore_errors=True))
    for name in [name for name in os.environ if name.startswith("SAATHI_") and not name.startswith("SAATHI_TEST_")]:
        del os.environ[name]
    hypothesis.settings.register_profile("default", deadline=None, print_blob=True)
    hypothesis.settings.register_profile("torture", deadline=None, print_blob=True, max_examples=2000)
    hypothesis.settings.load_profile(os.environ.get("SAATHI_TEST_HYPOTHESIS", "default"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the long files begin first: `make test` deals out whole files, and one begun last would keep all waiting."""
    places = {name: place for place, name in enumerate(_LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


@pytest.fixture(autouse=True)
def _stay_on_this_machine() -> Iterator[None]:
    """Fail a test that tried to leave the machine, even if it swallowed the refusal."""
    internet.refused.clear()
    yield
    assert not internet.refused, f"Tests stay on this machine: {', '.join(internet.refused)}"


@pytest.fixture(scope="session")
def kill_rounds() -> int:
    """How often a kill test kills: 20, in `make torture` what SAATHI_TEST_KILLS says."""
    return int(os.environ.get("SAATHI_TEST_KILLS", "20"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A real PostgreSQL, one for each test process."""
    if os.name != "posix":
        pytest.skip("The embedded PostgreSQL of the tests needs Linux or macOS.")
    server = postgres.running()
    try:
        started = server.__enter__()
    except Exception as error:
        if postgres.must_run():
            raise
        pytest.skip(f"The embedded PostgreSQL does not start on this machine ({type(error).__name__}).")
    yield started
    server.__exit__(None, None, None)


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: postgres.Server) -> str:
    make_tables(postgres_server.create(_TEMPLATE))
    return _TEMPLATE


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make() -> Path:
        path = tmp_path_factory.mktemp("template") / "saathi.db"
        make_tables(sqlite_address(path))
        return path

    return once(tmp_path_factory, "template", make)


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh SQLite file with all tables."""
    path = tmp_path / "saathi.db"
    shutil.copyfile(_sqlite_template, path)
    return sqlite_address(path)


@pytest.fixture
def postgres_url(postgres_server: postgres.Server, _postgres_template: str) -> Iterator[str]:
    """The address of a fresh PostgreSQL database with all tables."""
    name = f"t{uuid4().hex}"
    yield postgres_server.create(name, _postgres_template)
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database with all tables; the test runs once on each kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database without any table; the test runs once on each kind."""
    if request.param == "sqlite":
        yield sqlite_address(tmp_path / "empty.db")
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    name = f"e{uuid4().hex}"
    yield server.create(name)
    server.drop(name)
