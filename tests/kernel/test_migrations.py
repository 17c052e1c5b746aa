"""The steps lead to the schema that the tables describe, whoever runs them and from wherever."""

import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from alembic import command
from sqlalchemy import text

from tests.support.databases import Instance, Instances
from tests.support.faults import damages, run
from tests.support.live import USERHERO, clean_environment
from userhero.kernel.config import ConfigurationError, Settings
from userhero.kernel.db import migrate, schema
from userhero.kernel.instance import open_database
from userhero.server.composition import all_tables

# As the first step has them; the steps since then must bring them along.
ROWS = (
    "INSERT INTO users (id, email, name, created_at, updated_at) VALUES ('user_1', 'a@example.com', 'A', 'x', 'x')",
    "INSERT INTO workspaces (id, name, plan, created_at, updated_at) VALUES ('ws_1', 'Acme', 'pro', 'x', 'x')",
    "INSERT INTO projects (id, workspace_id, name, public_key, created_at, updated_at) "
    "VALUES ('proj_1', 'ws_1', 'App', 'pk_1', 'x', 'x')",
    "INSERT INTO feedback (id, workspace_id, project_id, message, assignee_id, created_at, updated_at) "
    "VALUES ('fb_1', 'ws_1', 'proj_1', 'Broken', 'user_1', 'x', 'x')",
)


def place(instance: Instance) -> list[str]:
    database = ["--database", instance.url] if instance.url else []
    return ["--data", str(instance.data), *database]


def settings_of(instance: Instance) -> Settings:
    return Settings(data=instance.data, database=instance.url)


def value(address: str, query: str) -> object:
    engine = migrate.engine_for(address)
    with engine.connect() as connection:
        found: object = connection.execute(text(query)).scalar()
    engine.dispose()
    return found


def check_tables(address: str) -> None:
    """Fails where the database is not what the tables say."""
    engine = migrate.engine_for(address)
    with engine.connect() as connection:
        config = migrate.configuration(connection)
        config.attributes["metadata"] = all_tables()
        command.check(config)
    engine.dispose()


# SQLAlchemy can't compare an index of an expression on SQLite; tests/plans holds that it is there and used.
@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_a_migrated_database_is_what_the_tables_say(instance: Instance) -> None:
    check_tables(instance.address)


def test_running_them_again_changes_nothing(instances: Instances) -> None:
    address = instances.make(migrated=False).address
    assert schema.current(address) is None
    assert not schema.is_current(address)
    assert migrate.upgrade(address)
    assert schema.current(address) == schema.head()
    assert schema.is_current(address)
    assert not migrate.upgrade(address)


def test_rows_come_along_from_the_first_schema(instances: Instances) -> None:
    """Tables that are made anew on the way must not take with them what points at them."""
    address = instances.make(migrated=False).address
    migrate.upgrade(address, "0001")
    run(address, *ROWS)
    migrate.upgrade(address)
    assert (
        value(address, "SELECT message FROM feedback WHERE assignee_id = 'user_1' AND project_id = 'proj_1'")
        == "Broken"
    )
    assert value(address, "SELECT count(*) FROM projects") == 1


def test_customers_are_sorted_by_the_names_that_they_had(instances: Instances) -> None:
    address = instances.make(migrated=False).address
    migrate.upgrade(address, "0013")
    customer = (
        "INSERT INTO customers (id, workspace_id, name, created_at, updated_at) VALUES ('{0}', 'ws_1', {1}, 'x', 'x')"
    )
    words = "INSERT INTO customer_search (workspace_id, customer_id, text) VALUES ('ws_1', '{0}', '{1}')"
    known = {"a": ("'\u00c9mile'", "emile\ne@example.com"), "b": ("NULL", "\nb@example.com"), "c": ("'C'", "c")}
    made = [customer.format(each, name) for each, (name, _) in known.items()]
    run(address, *ROWS[:2], *made, *(words.format(each, text) for each, (_, text) in known.items()))
    migrate.upgrade(address)
    found = {each: value(address, f"SELECT sort_name FROM customers WHERE id = '{each}'") for each in known}
    assert found == {"a": "emile", "b": None, "c": "c"}


def test_a_new_listener_hears_of_what_happens_from_then_on(instances: Instances) -> None:
    address = instances.make(migrated=False).address
    migrate.upgrade(address, "0011")
    event = "INSERT INTO events (id, workspace_id, kind, subject_id, data, created_at, turn) VALUES "
    run(address, *(f"{event} ('evt_{turn}', 'ws_1', 'k', 's', '{{}}', 'x', {turn})" for turn in (7, 9, 8)))
    migrate.upgrade(address)
    for listener in ("webhooks", "notifications"):
        assert value(address, f"SELECT turn FROM event_cursors WHERE listener = '{listener}'") == 9
        assert value(address, f"SELECT position FROM event_cursors WHERE listener = '{listener}'") == 2


@pytest.mark.case("DUR-07")
@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_killed_in_the_middle(instances: Instances, long: bool) -> None:
    """Again and again, at a statement by chance: what is there is one of the steps, whole, and the next run goes on."""
    instance = instances.make(migrated=False)
    migrate.upgrade(instance.address, "0001")
    run(instance.address, *ROWS)
    chance, kills, reached = Random(7), 0, [schema.current(instance.address)]
    while True:
        # Later ones may come further: a step of many statements must come to its end at last.
        at = chance.randint(1, (20 if long else 80) + 10 * kills)
        program = [sys.executable, "-m", "tests.kernel.killed", str(at), "migrate", *place(instance)]
        done = subprocess.run(program, check=False, env=clean_environment(), capture_output=True, text=True, timeout=60)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        kills += 1
        reached.append(schema.current(instance.address))
        assert value(instance.address, "SELECT count(*) FROM feedback") == 1
        assert instance.url is not None or damages(Path(instance.address)) == []
    steps = [schema.steps().index(each) for each in reached if each is not None]
    assert kills > 2
    assert steps == sorted(steps), "no step is lost"
    assert len(set(steps)) > 2, "some kills came in the middle of the way"
    assert schema.is_current(instance.address)
    assert value(instance.address, "SELECT message FROM feedback WHERE assignee_id = 'user_1'") == "Broken"
    open_database(settings_of(instance)).close()
    check_tables(instance.address)


def test_two_processes_at_once(instances: Instances) -> None:
    instance = instances.make(migrated=False)
    started = [
        subprocess.Popen(
            [USERHERO, "migrate", *place(instance)],
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in started:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, out + err
    assert schema.is_current(instance.address)


def test_a_database_of_a_later_release_is_refused(instances: Instances) -> None:
    instance = instances.make()
    run(instance.address, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(schema.SchemaTooNew, match="9999"):
        open_database(settings_of(instance))
    assert value(instance.address, "SELECT count(*) FROM instance_facts") == 0


def test_a_start_with_nothing_to_do_does_not_load_alembic(instances: Instances) -> None:
    program = (
        "import sys; from pathlib import Path; from userhero.kernel.config import Settings; "
        "from userhero.server.application import create_application; "
        "create_application(Settings(data=Path(sys.argv[1]), database=sys.argv[2] or None)).close(); "
        "sys.exit('alembic' in sys.modules)"
    )
    instance = instances.make()
    arguments = [str(instance.data), instance.url or ""]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_a_key_that_is_not_the_first_one_is_refused(instances: Instances) -> None:
    instance = instances.make()
    open_database(settings_of(instance)).close()
    other = Settings(data=instance.data, database=instance.url, secret_key="x" * 32)
    with pytest.raises(ConfigurationError, match="secret key is not the one"):
        open_database(other)


def test_the_key_is_made_once_and_for_this_user_alone(instances: Instances) -> None:
    instance = instances.make(migrated=False)
    file = Path(instance.data, "secret.key")
    open_database(settings_of(instance)).close()
    secret = file.read_text("ascii")
    open_database(settings_of(instance)).close()
    assert file.read_text("ascii") == secret
    assert len(secret.strip()) == 64
    assert file.stat().st_mode & 0o777 == 0o600
    if instance.url is None:
        assert Path(instance.address).stat().st_mode & 0o777 == 0o600


def test_a_key_given_is_not_written_down(instances: Instances) -> None:
    instance = instances.make(migrated=False)
    settings = Settings(data=instance.data, database=instance.url, secret_key="k" * 32)
    open_database(settings).close()
    assert not Path(instance.data, "secret.key").exists()
