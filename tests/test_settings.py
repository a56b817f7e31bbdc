"""The configuration: where values come from, what is refused and how it is told, and what the file says of itself."""

from __future__ import annotations

import dataclasses
import json
import pickle
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from winnowd import settings
from winnowd.gates.limits import GATES, OriginalityLimits
from winnowd.gates.measures import language_detection, languages
from winnowd.model import Limit
from winnowd.reading import ReadingLimits, SchemaPolicy
from winnowd.settings import SettingsError, all_settings
from winnowd.settings.layers import lines_of

ROOT = Path(__file__).parents[1]
ALL_GATES: dict[str, type[Any]] = {**dict(GATES), "originality": OriginalityLimits}
NAMES = list(all_settings())


def loaded(instance_dir: Path | None = None, **sources: Any) -> settings.Loaded:
    """The configuration of these sources alone, whatever machine this is."""
    return settings.load(instance_dir, **({"environ": {}, "system": None} | sources))


def instance(folder: Path, text: str) -> Path:
    """An instance folder with this configuration."""
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "winnowd.toml").write_text(text, encoding="utf-8")
    return folder


def faults_of(folder: Path, text: str, **sources: Any) -> tuple[str, ...]:
    """What is said against this configuration."""
    with pytest.raises(SettingsError) as caught:
        loaded(instance(folder, text), **sources)
    return caught.value.faults


def test_without_any_source_the_limits_are_those_of_the_gates_own_files() -> None:
    """The defaults stand where the limits are defined; the configuration only repeats them."""
    made = loaded().settings

    assert made.gates == {name: limits() for name, limits in GATES}
    assert made.originality == OriginalityLimits()
    assert made.reading == ReadingLimits()
    assert made.schema == SchemaPolicy()


@pytest.mark.parametrize(
    ("gate", "limit"),
    [
        pytest.param(gate, limit, id=f"{limit.code}-{limit.measure}")
        for gate, limits in ALL_GATES.items()
        for field in dataclasses.fields(limits)
        if isinstance(limit := getattr(limits(), field.name), Limit)
    ],
)
def test_every_limit_is_told_by_the_catalogue_as_its_gate_has_it(gate: str, limit: Limit) -> None:
    """Gate, measure, side, limits and whether reaching one counts are equal in ``winnowd rule`` and in the gate."""
    rule = settings.catalogue()[limit.code]

    told = {end: _part(getattr(rule, end), limit.measure) for end in ("doubt", "fail")}

    assert told == {"doubt": limit.doubt, "fail": limit.fail}
    assert (rule.side, rule.reached) == (limit.side, limit.reached)
    assert (rule.gate, rule.measure) == (gate, limit.measure.removesuffix("_per_1000"))


def test_the_numbers_of_the_language_rule_are_those_that_detection_goes_by() -> None:
    """QUA460 has no limits: what it needs to be sure stands in the catalogue, too."""
    told = settings.catalogue()["QUA460"].parameters

    assert told == {
        "floor": languages.SURE,
        "third_share": language_detection.THIRD_SHARE,
        "overall_share": languages.OVERALL_SHARE,
        "window_characters": language_detection.WINDOW_CHARACTERS,
        "minimum_words": language_detection.LEAST_WORDS,
    }


def _part(bound: Any, measure: str) -> float | None:
    """A limit of the catalogue; TXT501's has two parts, by sum and by 1,000 words."""
    part: float | None = bound["per_1000" if "per_1000" in measure else "sum"] if isinstance(bound, dict) else bound
    return part


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_says_what_it_means_and_which_rules_it_moves(name: str) -> None:
    """No setting without a sentence; its codes are in the catalogue."""
    setting = all_settings()[name]

    assert setting.meaning.endswith(".")
    assert set(setting.codes) <= set(settings.catalogue())


def test_the_settings_of_other_files_are_all_described_and_no_other() -> None:
    """Limits are told by the catalogue, ``enabled`` is plain; for each other one there are words, and none too many."""
    words = tomllib.loads((ROOT / "service/winnowd/settings/words.toml").read_text(encoding="utf-8"))
    derived = [name for name in NAMES if name.startswith(("reading.", "schema.", "gates."))]

    plain = [name for name in derived if not name.endswith((".doubt", ".fail", ".enabled"))]

    assert sorted(words) == sorted(plain)


@pytest.mark.parametrize(
    ("stronger", "origin"),
    [
        ({}, "config/winnowd.toml:2"),
        ({"environ": {"WINNOWD_INBOX__SETTLE": "5"}}, "WINNOWD_INBOX__SETTLE"),
        ({"environ": {"WINNOWD_INBOX__SETTLE": "6"}, "overrides": ["inbox.settle=5"]}, "flag"),
    ],
    ids=["file", "environment", "flag"],
)
def test_the_stronger_source_wins_and_is_named(tmp_path: Path, stronger: dict[str, Any], origin: str) -> None:
    """Flag before environment before the instance's file; what none of them says is the default."""
    instance_dir = instance(tmp_path, "[inbox]\nsettle = 5\n")

    made = loaded(instance_dir, **stronger)

    assert (made.settings.inbox.settle, made.origins["inbox.settle"]) == (5.0, origin)
    assert (made.settings.inbox.sweep, made.origins["inbox.sweep"]) == (5.0, "default")


def test_the_systems_file_is_weaker_than_the_instances(tmp_path: Path) -> None:
    """What both say is taken from the instance, what one says from that one."""
    instance_dir = instance(tmp_path / "home", "inbox.settle = 3\n")
    system = tmp_path / "system.toml"
    system.write_text("inbox.settle = 4\nbatch.limit = 7\n", encoding="utf-8")

    made = loaded(instance_dir, system=system)

    assert (made.settings.inbox.settle, made.settings.batch.limit) == (3.0, 7)
    assert made.origins["batch.limit"] == f"{system}:2"


def test_a_named_file_stands_in_for_the_instances_and_must_exist(tmp_path: Path) -> None:
    """``--config`` leaves the instance's own file unread; the system's file, given so, is read once."""
    instance_dir = instance(tmp_path / "home", "inbox.settle = 3\n")
    named = tmp_path / "named.toml"
    named.write_text("batch.limit = 7\n", encoding="utf-8")

    made = loaded(instance_dir, config=named, system=named)

    assert (made.settings.inbox.settle, made.settings.batch.limit) == (2.0, 7)
    assert made.origins["batch.limit"] == f"{named}:1"
    with pytest.raises(SettingsError, match="No such file or directory"):
        loaded(instance_dir, config=tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("profile", "strict", "strict"),
        ("inbox.settle", "3", 3.0),
        ("inbox.poll", "true", True),
        ("inbox.ignore", '["*.bak"]', ("*.bak",)),
        ("inbox.ignore", "*.bak, *.old", ("*.bak", "*.old")),
        ("workers.count", "auto", "auto"),
        ("workers.count", "0", 0),
        ("archive.keep_days", "off", None),
        ("archive.keep_days", '"off"', None),
        ("orders.group", "1000", "1000"),
        ("storage.read_back", "off", "off"),
        ("gates.originality.rewrite.fail", "off", None),
    ],
)
def test_the_environment_is_read_as_the_setting_needs_it(name: str, text: str, value: object) -> None:
    """Numbers, words, lists and "off" need no quotes of TOML in a variable."""
    variable = "WINNOWD_" + name.upper().replace(".", "__")

    made = loaded(environ={variable: text})

    assert made.values[name] == value
    assert made.origins[name] == variable


def test_other_variables_of_ours_are_no_settings() -> None:
    """WINNOWD_HOME and the like say something else."""
    made = loaded(environ={"WINNOWD_HOME": "/srv/corpus", "WINNOWD_SETTLE": "3", "HOME": "/root"})

    assert set(made.origins.values()) == {"default"}


def test_a_gate_that_is_off_has_no_limits_in_force(tmp_path: Path) -> None:
    """What is not asked is absent, originality too."""
    off = ("prose", "originality")

    made = loaded(instance(tmp_path, "".join(f"gates.{gate}.enabled = false\n" for gate in off))).settings

    assert made.originality is None
    assert set(made.gates) == {name for name, _ in GATES} - set(off)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "gates.originality.reorder.doubt = 0.8",
            "gates.originality.reorder.doubt is unknown; did you mean gates.originality.reordered.doubt",
        ),
        ("gates.length.words.min.fail = -5", 'is -5; give a number of words >= 0, or "off"'),
        ('gates.length.words.min.fail = "few"', 'is "few"; give a number of words >= 0, or "off"'),
        ("gates.length.words.min = 80", "is 80, but it is a table; set gates.length.words.min.doubt or"),
        ("gates.length.words.fail = 80", "did you mean gates.length.words.m"),
        ("gates.prose.line_marks.fail = 12", 'is 12; give a share from 0 to 1, or "off"'),
        (
            "gates.language.accepted = []",
            "is empty, and every article would fail; set gates.language.detected",
        ),
        (
            'gates.language.accepted = ["en", "english", "xx"]',
            '"english", "xx" is no language that can be told; give',
        ),
        ("gates.clutter.raw_words.doubt = 500", "is 500; give a number of words >= 0 and <= 400"),
        ("inbox.settle = true", "is true; give a number of seconds >= 0"),
        ("inbox.settle = nan", "is NaN; give a number of seconds >= 0"),
        ("inbox.sweep = 0", "is 0; give a number of seconds > 0"),
        ("inbox.poll = 1", "is 1; give true or false"),
        ('inbox.ignore = "*.bak"', "give a list of texts in brackets"),
        ("inbox.ignore = [1]", "is [1]; give a list of texts in brackets"),
        ("batch.limit = 2.5", "is 2.5; give a whole number of arrivals >= 1 and <= 10000"),
        ("workers.count = -1", 'is -1; give a whole number of processes >= 0 and <= 64, or "auto"'),
        ('workers.count = "many"', 'is "many"; give a whole number of processes'),
        ('profile = "harsh"', 'profile is "harsh"; give "strict", "balanced" or "lenient"'),
        ("batch.limit = 1979-05-27", 'is "1979-05-27"; give a whole number'),
        ("batch = 5", "batch is 5, but it is a table; set batch.limit or"),
        ("nonsense = 1", 'nonsense is unknown; "winnowd config show" names all settings'),
    ],
)
def test_a_fault_names_its_place_the_value_seen_and_what_to_do(tmp_path: Path, line: str, said: str) -> None:
    """One line each; never only that something is invalid."""
    (fault,) = faults_of(tmp_path, f"# first\n\n{line}\n")

    assert fault.startswith("config/winnowd.toml:3: ")
    assert said in fault


def test_an_odd_name_is_told_escaped(tmp_path: Path) -> None:
    """What a configuration holds cannot write to a terminal."""
    (fault,) = faults_of(tmp_path, '"\\u001b[2J" = "\\u202e"\n')

    assert fault == 'config/winnowd.toml: "\\u001b[2J" is unknown; "winnowd config show" names all settings'


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ["gates.originality.rewrite.doubt = 1.3", "gates.originality.rewrite.fail = 1.0"],
            "config/winnowd.toml:2: fail (1.0) must lie beyond doubt (1.3) for DUP606; swap them",
        ),
        (
            ["gates.originality.rewrite.fail = 0.5"],
            "config/winnowd.toml:1: fail (0.5) must lie beyond doubt (1) for DUP606; give a fail above 1, or set doubt",
        ),
        (
            ["gates.length.words.min.doubt = 70"],
            "config/winnowd.toml:1: fail (80) must lie beyond doubt (70) for QUA401; give a fail below 70, or",
        ),
        (
            ["gates.length.words.min.doubt = 70", "gates.length.words.min.fail = 70"],
            "config/winnowd.toml:2: fail (70) must lie beyond doubt (70) for QUA401; give a fail below 70, or",
        ),
    ],
)
def test_fail_must_lie_beyond_doubt(tmp_path: Path, lines: list[str], said: str) -> None:
    """Whichever side is worse; told where the configuration says it, with what is given by nobody as the default."""
    (fault,) = faults_of(tmp_path, "\n".join(lines))

    assert fault.startswith(said)


def test_a_limit_that_is_off_is_beyond_nothing(tmp_path: Path) -> None:
    """With doubt off, fail may be anything."""
    made = loaded(instance(tmp_path, 'gates.length.words.min = {doubt = "off", fail = 400}\n'))

    assert made.values["gates.length.words.min.doubt"] is None
    assert made.origins["gates.length.words.min.fail"] == "config/winnowd.toml:1"


def test_all_faults_of_all_sources_are_told_at_once(tmp_path: Path) -> None:
    """Nobody has to mend one error after the other; a stronger source does not hide a weaker's fault."""
    system = tmp_path / "system.toml"
    system.write_text("inbox.settle = -1\n", encoding="utf-8")
    sources: dict[str, Any] = {
        "system": system,
        "environ": {"WINNOWD_INBOX__SETTLE": "3", "WINNOWD_BATCH__LIMITS": "3"},
        "overrides": ["profile", "index.every=soon"],
    }

    faults = faults_of(tmp_path / "home", 'profile = "harsh"\ninbox.poll = 3\n', **sources)

    assert [fault.split(": ")[0] for fault in faults] == [
        f"{system}:1",
        "config/winnowd.toml:1",
        "config/winnowd.toml:2",
        "WINNOWD_BATCH__LIMITS",
        "flag",
        "flag",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[inbox\nsettle = 3\n", "config/winnowd.toml:1: not TOML ("),
        (b"[inbox]\nsettle = 3\nsettle = 4\n", "config/winnowd.toml:3: not TOML (cannot overwrite a value)"),
        (b"# caf\xe9\n", "config/winnowd.toml: byte 5 is not UTF-8"),
        (b"inbox.settle = " + b"9" * 5_000, "config/winnowd.toml: not TOML ("),
        (b"inbox.settle = " + b"[" * 5_000, "config/winnowd.toml: not TOML ("),
        (b"inbox.settle = 1" + b"0" * 400, "config/winnowd.toml:1: inbox.settle is 1000"),
    ],
)
def test_a_file_that_is_no_toml_is_told_with_its_line(tmp_path: Path, content: bytes, said: str) -> None:
    """The place where reading ended, and what to do."""
    instance_dir = instance(tmp_path, "")
    (instance_dir / "config" / "winnowd.toml").write_bytes(content)

    with pytest.raises(SettingsError) as caught:
        loaded(instance_dir)

    assert caught.value.faults[0].startswith(said)


@given(content=st.one_of(st.binary(), st.text().map(str.encode)))
@hypothesis_settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_configuration_or_a_list_of_faults(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """Nothing but SettingsError is raised, and a fault is one line that a terminal can show."""
    path = tmp_path_factory.mktemp("any") / "winnowd.toml"
    path.write_bytes(content)

    try:
        loaded(config=path)
        faults: tuple[str, ...] = ()
    except SettingsError as error:
        faults = error.faults

    assert all(fault.isprintable() for fault in faults)


KEYS = st.sampled_from(
    ["inbox", "gates", "length", "words", "min", "fail", "settle", "profile", "a b", "é", "\x1b", ""]
)
VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(), st.floats(), st.text(), st.just("off")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


@given(tables=st.dictionaries(KEYS, VALUES, max_size=4))
@hypothesis_settings(max_examples=200, deadline=None)
def test_any_tables_are_a_configuration_or_a_list_of_faults(
    tmp_path_factory: pytest.TempPathFactory, tables: dict[str, Any]
) -> None:
    """Odd names, odd values, tables for values and values for tables: each is told, none passes, none raises."""
    path = tmp_path_factory.mktemp("any") / "winnowd.toml"
    path.write_text("".join(f"{_toml(key)} = {_toml(value)}\n" for key, value in tables.items()), encoding="utf-8")

    try:
        origins = loaded(config=path).origins
        faults: tuple[str, ...] = ()
    except SettingsError as error:
        origins, faults = {}, error.faults

    assert all(fault.isprintable() for fault in faults)
    assert set(origins) in (set(NAMES), set())


def _toml(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(key)} = {_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, float):
        return {"inf": "inf", "-inf": "-inf", "nan": "nan"}.get(repr(value), repr(value))
    return json.dumps(value) if not isinstance(value, str) else _toml_string(value)


def _toml_string(text: str) -> str:
    plain = "".join(sign if " " <= sign <= "~" and sign not in '"\\' else f"\\U{ord(sign):08x}" for sign in text)
    return f'"{plain}"'


@given(numbers=st.permutations(range(len(NAMES))), taken=st.integers(0, 12), blanks=st.integers(0, 3))
@hypothesis_settings(max_examples=50, deadline=None)
def test_every_value_of_a_file_is_found_at_its_line(numbers: list[int], taken: int, blanks: int) -> None:
    """The scan for lines agrees with where the names were put, whatever stands between them."""
    names = [NAMES[number] for number in numbers[:taken]]
    text = "".join(f"# {name} = 0\n" + "\n" * blanks + f"{name} = 1\n" for name in names)

    lines = lines_of(text)

    assert lines == {name: (at + 1) * (blanks + 2) for at, name in enumerate(names)}


def test_lines_are_found_below_tables_and_in_quotes() -> None:
    """Headers, dotted headers, quoted keys."""
    text = '[inbox]\nsettle = 1\n[ gates . length ]\n\nwords.min.fail = 2\n[gates."prose"]\n"line_marks".fail = 3\n'

    lines = lines_of(text)

    assert lines["inbox.settle"] == 2
    assert lines["gates.length.words.min.fail"] == 5
    assert lines["gates.prose.line_marks.fail"] == 7


def test_equal_settings_have_equal_hashes_whatever_said_them(tmp_path: Path) -> None:
    """The hash is of what is in force: not of the source, nor of whether a number has a point."""
    file = loaded(instance(tmp_path / "a", "gates.length.words.min.fail = 60\n"))
    pointed = loaded(instance(tmp_path / "b", "[gates.length]\nwords.min.fail = 60.0\n"))
    variable = loaded(environ={"WINNOWD_GATES__LENGTH__WORDS__MIN__FAIL": "60"})

    assert file.sha256 == pointed.sha256 == variable.sha256
    assert file.sha256 != loaded().sha256
    assert json.loads(file.canonical())["gates.length.words.min.fail"] == 60
    assert json.loads(file.canonical())["archive.keep_days"] == "off"


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_changes_the_hash_and_the_settings(tmp_path: Path, name: str) -> None:
    """No dead setting: another good value for any one of them is another configuration in force."""
    setting, plain = all_settings()[name], loaded()
    value = _other(setting)

    changed = loaded(instance(tmp_path, f"{name} = {_toml(value)}\n"), overrides=_made_room(name))

    assert changed.sha256 != plain.sha256
    assert changed.settings != plain.settings


_TEXTS = {
    "inbox.done": "{name}.done",
    "audit.anchor_dir": "/srv/heads",
    "metrics.textfile": "/srv",
    "orders.group": "staff",
    "web.address": "127.0.0.1:1",
    "web.user_header": "X-User",
}


def _other(setting: settings.Setting) -> Any:
    """A good value that is not the default."""
    default = setting.default
    choices = re.findall(r'"(\w+)"', settings.form(setting))
    if isinstance(default, bool):
        return not default
    if isinstance(default, int | float):
        return default / 2 if setting.unit == "share" else default + 1
    if isinstance(default, tuple):
        return [*default, "de" if setting.name == "gates.language.accepted" else "another"]
    if setting.name in _TEXTS:
        return _TEXTS[setting.name]
    if default is None or setting.name == "workers.count":
        return 1
    return next(choice for choice in choices if choice != default)


def _made_room(name: str) -> list[str]:
    """For one end of a limit: the other end off, so that any value will do."""
    for end, beside in ((".doubt", ".fail"), (".fail", ".doubt")):
        if name.endswith(end):
            return [name.removesuffix(end) + beside + "=off"]
    return []


def test_settings_cross_processes() -> None:
    """Workers are told the settings; what comes out is what went in."""
    made = loaded().settings

    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own bytes


def test_auto_is_a_number_of_processes() -> None:
    """At least one, at most eight; a number is taken as it is, zero too."""
    assert 1 <= loaded().settings.workers.processes <= 8
    assert loaded(overrides=["workers.count=0"]).settings.workers.processes == 0


def uncommented(text: str) -> str:
    """The file with every setting in it taken in."""
    return re.sub(r"(?m)^#(?=[a-z_0-9.]+ = )", "", text)


def test_the_reference_taken_in_whole_changes_nothing(tmp_path: Path) -> None:
    """Every setting stands in it once, at its default, and nothing else does."""
    blocks = re.findall(r"(?ms)^```toml\n(.*?)^```", settings.reference())

    made = loaded(instance(tmp_path, uncommented("\n".join(blocks))))

    assert "default" not in made.origins.values()
    assert made.sha256 == loaded().sha256


def test_the_template_is_short_and_says_nothing(tmp_path: Path) -> None:
    """All of it is commented out; taken in whole it changes nothing, either."""
    as_it_is = loaded(instance(tmp_path / "as-it-is", settings.template()))
    taken_in = loaded(instance(tmp_path / "taken-in", uncommented(settings.template())))

    assert len(settings.template().splitlines()) <= 40
    assert set(as_it_is.origins.values()) == {"default"}
    assert taken_in.sha256 == loaded().sha256
    assert len(set(taken_in.origins.values())) > 1


@pytest.mark.parametrize("profile", ["strict", "balanced", "lenient"])
def test_a_template_for_a_profile_sets_it_and_tells_of_it(tmp_path: Path, profile: Any) -> None:
    """``init --profile`` writes a file that holds."""
    text = settings.template(profile)

    made = loaded(instance(tmp_path, text))

    assert made.settings.profile == profile
    assert made.origins["profile"].startswith("config/winnowd.toml:")
    assert f"Profile {profile}" in text.split("\n\n")[0]


def test_no_line_of_a_configuration_is_wider_than_a_screen() -> None:
    """Comments are wrapped."""
    wrapped = [line for line in settings.reference().splitlines() if line.startswith("#")]
    assert max(map(len, [*settings.template().splitlines(), *wrapped])) <= 120


def test_the_json_schema_has_every_setting_with_its_default() -> None:
    """Nested as TOML nests them; what may be off says so."""
    schema = settings.json_schema()

    found = dict(_leaves(schema["properties"]))

    assert list(found) == [*NAMES, "feeds"]
    assert found["inbox.settle"] == {
        "type": "number",
        "minimum": 0,
        "default": 2.0,
        "description": all_settings()["inbox.settle"].meaning,
        "x-unit": "seconds",
    }
    assert {"const": "off"} in found["archive.keep_days"]["anyOf"]
    assert found["archive.keep_days"]["default"] == "off"


def _leaves(properties: dict[str, Any], above: str = "") -> Any:
    for name, schema in properties.items():
        if "properties" in schema:
            yield from _leaves(schema["properties"], f"{above}{name}.")
        else:
            yield above + name, schema
