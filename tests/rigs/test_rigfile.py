"""Rig files: defaults, and one clear line for each thing that is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rigs.cloud.profile import ProfileName
from rigs.rigfile import Driver, RigFileError, json_schema, load, parse_address

RIGS = Path(__file__).parents[2] / "rigs"
HEAD = 'schema = 1\nname = "lab-07"\n'
SERIAL = '[serial]\nurl = "/dev/ttyUSB0"\n'
GOOD = HEAD + SERIAL
CREDENTIAL = "hunter2-hunter2"


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "rig.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def test_all_but_the_port_has_defaults(tmp_path: Path) -> None:
    rig = load(written(tmp_path, GOOD))
    assert rig.name == "lab-07"
    assert (rig.serial.url, rig.serial.baudrate) == ("/dev/ttyUSB0", 115_200)
    assert rig.driver is Driver.NONE
    assert (rig.power.off_seconds, rig.power.boot_seconds) == (2.0, 30.0)
    assert (rig.cloud.listen, rig.cloud.listen_tls) == ("127.0.0.1:1883", "127.0.0.1:8883")
    assert rig.cloud.broker == "embedded"
    assert rig.cloud.profile is ProfileName.MQTT
    assert (rig.cloud.ca_file, rig.cloud.ca_key_file) == (None, None)
    assert not rig.simulated


def test_the_simulator_is_switched_by_itself_unless_told_otherwise(tmp_path: Path) -> None:
    simulated = HEAD + '[serial]\nurl = "simulator://"\n'
    assert load(written(tmp_path, simulated)).driver is Driver.SIMULATOR
    assert load(written(tmp_path, simulated + '[power]\ndriver = "none"\n')).driver is Driver.NONE


def test_the_rig_files_of_the_project_are_good() -> None:
    example = load(RIGS / "example.toml")
    assert example.driver is Driver.COMMAND
    assert example.power.on == "relay --on 3"
    simulator = load(RIGS / "simulator.toml")
    assert simulator.simulated
    assert parse_address(simulator.cloud.listen) == ("127.0.0.1", 0)


def test_a_module_on_the_platform_needs_the_broker_alone(tmp_path: Path) -> None:
    cloud = load(written(tmp_path, GOOD + '[cloud]\nbroker = "aliyun"\n')).cloud
    assert cloud.on_platform
    assert (cloud.region, cloud.endpoint) == (None, None)
    cloud = load(written(tmp_path, GOOD + '[cloud]\nbroker = "aliyun"\nregion = 5\nendpoint = "h:1883"\n')).cloud
    assert (cloud.region, cloud.endpoint) == (5, "h:1883")


@pytest.mark.parametrize(
    ("url", "on_a_wire"),
    [("/dev/ttyUSB0", True), ("COM3", True), ("socket://10.0.0.7:4001", True), ("socket://127.0.0.1:4001", False)],
)
def test_a_module_on_a_physical_line_may_have_another_way_to_the_cloud(
    tmp_path: Path, url: str, on_a_wire: bool
) -> None:
    assert load(written(tmp_path, HEAD + f'[serial]\nurl = "{url}"\n')).on_a_wire is on_a_wire


@pytest.mark.parametrize(
    ("text", "key", "remedy"),
    [
        ("", "schema", "for example schema = 1"),
        (SERIAL + "schema = 1\n", "name", 'for example name = "lab-07"'),
        (HEAD, "serial", 'for example serial = { url = "/dev/ttyUSB0" }'),
        (HEAD + "[serial]\n", "serial.url", 'for example serial.url = "/dev/ttyUSB0"'),
        (GOOD.replace("1", "2", 1), "schema", "must be 1, the only version there is"),
        (GOOD.replace("lab-07", "lab 07/.."), "name", "letters, digits"),
        (GOOD.replace('"lab-07"', "7"), "name", "must be a string"),
        (HEAD + 'serial = "/dev/ttyUSB0"\n', "serial", "write [serial] and its keys below it"),
        (HEAD + '[serial]\nurl = ""\n', "serial.url", "must not be empty"),
        (GOOD + "baudrate = 0\n", "serial.baudrate", "must be greater than 0"),
        (GOOD + "baudrate = 99999999999\n", "serial.baudrate", "must be less than"),
        (GOOD + 'baudrate = "115200"\n', "serial.baudrate", "must be a whole number"),
        (GOOD + "baudrate = true\n", "serial.baudrate", "must be a whole number"),
        *(
            (
                HEAD + f'[serial]\nurl = "{scheme}://192.0.2.1:2000"\n',
                "serial.url",
                f"{scheme}:// is no kind of serial port",
            )
            for scheme in ("telnet", "http", "loop", "SOCKET", "simulator")
        ),
        *(
            (HEAD + f'[serial]\nurl = "{url}"\n', "serial.url", 'must be "' + url.partition(":")[0] + "://host:port")
            for url in ("socket://192.0.2.1", "socket://192.0.2.1:x", "rfc2217://:2000", "rfc2217://192.0.2.1:70000")
        ),
        (GOOD + "parity = 1\n", "serial.parity", "unknown key; known here: url, baudrate"),
        (GOOD + "[modem]\n", "modem", "unknown key; known here: schema, name, serial, power, cloud"),
        (GOOD + '[power]\ndriver = "relay"\n', "power.driver", "'simulator', 'command' or 'none'"),
        (GOOD + '[power]\ndriver = "command"\non = "x"\n', "power", "needs both keys, on and off"),
        (GOOD + '[power]\ndriver = "command"\non = ""\noff = "x"\n', "power.on", "must not be empty"),
        (GOOD + '[power]\non = "x"\n', "power", 'driver = "command" only'),
        (GOOD + '[power]\ndriver = "simulator"\n', "power.driver", 'serial.url = "simulator://" only'),
        (GOOD + "[power]\noff_seconds = -1\n", "power.off_seconds", "greater than or equal to 0"),
        (GOOD + "[power]\noff_seconds = nan\n", "power.off_seconds", "must be"),
        (GOOD + "[power]\nboot_seconds = inf\n", "power.boot_seconds", "less than or equal to 600"),
        (GOOD + '[cloud]\nlisten = "1883"\n', "cloud.listen", 'for example "127.0.0.1:1883"'),
        (GOOD + '[cloud]\nlisten = "127.0.0.1:65536"\n', "cloud.listen", "0-65535"),
        (GOOD + '[cloud]\nlisten = "::1:1883"\n', "cloud.listen", "0-65535"),
        (GOOD + '[cloud]\nlisten = "127.0.0.1:0"\n', "cloud.listen", "name the port that the module reaches"),
        (GOOD + '[cloud]\nlisten = "h:1"\nlisten_tls = "h:1"\n', "cloud", "give TCP and TLS a port each"),
        (GOOD + '[cloud]\nbroker = "amqp://h"\n', "cloud.broker", '"embedded", "mqtt://host:port" or "aliyun"'),
        (GOOD + '[cloud]\nbroker = "mqtt://h:0"\n', "cloud.broker", '"embedded", "mqtt://host:port" or "aliyun"'),
        (GOOD + '[cloud]\nbroker = "mqtt://["\n', "cloud.broker", '"embedded", "mqtt://host:port" or "aliyun"'),
        (GOOD + '[cloud]\nbroker = "mqtt://h/topic"\n', "cloud.broker", '"embedded", "mqtt://host:port" or "aliyun"'),
        (GOOD + f'[cloud]\nbroker = "mqtt://u:{CREDENTIAL}@h"\n', "cloud.broker", "must not hold credentials"),
        (GOOD + '[cloud]\nbroker = "aliyun"\nlisten = "h:1"\n', "cloud", "leave out listen"),
        (GOOD + '[cloud]\nendpoint = "h:1"\nregion = 1\n', "cloud", 'endpoint, region go with broker = "aliyun" only'),
        (GOOD + '[cloud]\nbroker = "aliyun"\nregion = 6\n', "cloud.region", "less than or equal to 5"),
        (GOOD + '[cloud]\nbroker = "aliyun"\nregion = 5\n', "cloud", "give endpoint as well"),
        (GOOD + '[cloud]\nbroker = "aliyun"\nendpoint = "h:0"\n', "cloud", "name the platform's port"),
        (
            HEAD + '[serial]\nurl = "simulator://"\n[cloud]\nbroker = "aliyun"\n',
            'cloud.broker "aliyun"',
            "needs a module of its own",
        ),
        (GOOD + '[cloud]\nprofile = "alink"\n', "cloud.profile", "must be 'mqtt' or 'platform'"),
        (GOOD + '[cloud]\nca_key_file = "k"\n', "cloud", "ca_key_file goes with ca_file only"),
        (GOOD + '[cloud]\nca_file = "c"\nca_key_file = "./c"\n', "cloud", "give certificate and private key one each"),
        (GOOD + "[cloud]\nca_file = 7\n", "cloud.ca_file", "must be"),
        (GOOD + f'password = "{CREDENTIAL}"\n', "serial.password", "unknown key"),
        (GOOD + f'[power]\ndriver = "{CREDENTIAL}"\n', "power.driver", "'simulator', 'command' or 'none'"),
    ],
)
def test_bad_input_is_told_in_one_line_with_file_key_and_remedy(
    tmp_path: Path, text: str, key: str, remedy: str
) -> None:
    file = written(tmp_path, text)
    with pytest.raises(RigFileError) as caught:
        load(file)
    lines = [line for line in str(caught.value).splitlines() if line.startswith(f"{file}: {key}")]
    assert len(lines) == 1
    assert remedy in lines[0]
    assert CREDENTIAL not in str(caught.value)


def test_the_files_of_the_authority_are_looked_for_beside_the_rig_file(tmp_path: Path) -> None:
    text = GOOD + '[cloud]\nca_file = "pki/ca.pem"\nca_key_file = "/etc/ml302/ca.key"\n'
    rig = load(written(tmp_path, text))
    assert rig.cloud.ca_file == tmp_path / "pki" / "ca.pem"
    assert rig.cloud.ca_key_file == Path("/etc/ml302/ca.key")
    record = rig.to_record()["cloud"]
    assert record["ca_file"] == str(tmp_path / "pki" / "ca.pem")
    assert "ca_key_file" not in record
    json.dumps(record)


def test_the_files_of_the_authority_may_be_in_the_home_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/lab")
    assert load(written(tmp_path, GOOD + '[cloud]\nca_file = "~/ca.pem"\n')).cloud.ca_file == Path("/home/lab/ca.pem")


def test_the_platform_profile_is_chosen_by_its_name(tmp_path: Path) -> None:
    rig = load(written(tmp_path, GOOD + '[cloud]\nprofile = "platform"\n'))
    assert rig.cloud.profile is ProfileName.PLATFORM
    assert rig.to_record()["cloud"]["profile"] == "platform"


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    bad = 'schema = 2\nname = "/"\n[serial]\nurl = ""\nspeed = 1\n[cloud]\nlisten = "x"\n'
    with pytest.raises(RigFileError) as caught:
        load(written(tmp_path, bad))
    assert len(str(caught.value).splitlines()) == 5


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"name = \xff", "not UTF-8"), (b"name =", "not valid TOML"), (b'name = "a"\nname = "b"', "not valid TOML")],
)
def test_a_file_that_is_no_toml_is_told_so(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(RigFileError, match=said) as caught:
        load(file := written(tmp_path, content))
    assert str(caught.value).startswith(f"{file}: ")
    assert len(str(caught.value).splitlines()) == 1


def test_a_missing_file_and_a_directory_are_told_so(tmp_path: Path) -> None:
    for path in (tmp_path / "no.toml", tmp_path):
        with pytest.raises(RigFileError, match=r"cannot be read .*--rig"):
            load(path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert load(written(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())).name == "lab-07"


def test_an_address_is_a_host_and_a_port() -> None:
    assert parse_address("127.0.0.1:1883") == ("127.0.0.1", 1883)
    assert parse_address("[::1]:0") == ("::1", 0)
    for bad in ("", ":1", "h:", "h", "h:x", "h:-1", "a b:1", "h:1:2", "h:123456"):
        with pytest.raises(ValueError, match="host:port"):
            parse_address(bad)


def test_the_record_names_the_driver_that_is_used(tmp_path: Path) -> None:
    record = load(written(tmp_path, GOOD)).to_record()
    assert record["power"]["driver"] == "none"
    assert record["serial"] == {"url": "/dev/ttyUSB0", "baudrate": 115_200}


def test_the_published_schema_is_in_step() -> None:
    assert (RIGS / "rig.schema.json").read_text("utf-8") == json_schema() + "\n"
    done = subprocess.run(
        [sys.executable, "-m", "rigs.rigfile"], cwd=RIGS.parent, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == json_schema() + "\n"
    assert (RIGS / "example.toml").read_text("utf-8").startswith("#:schema ./rig.schema.json\n")


def test_what_may_be_a_secret_is_withheld_from_the_record_and_the_copy(tmp_path: Path) -> None:
    text = f"""{HEAD}[serial]
url = "rfc2217://lab:{CREDENTIAL}@ports:4000"
[power]
driver = "command"
on = "relay --password {CREDENTIAL} on"
off = "PASSWORD={CREDENTIAL} relay off"
"""
    rig = load(written(tmp_path, text))
    assert rig.serial.url.startswith(f"rfc2217://lab:{CREDENTIAL}@"), "the port itself needs it"
    record = rig.to_record()
    assert record["serial"]["url"] == "rfc2217://***@ports:4000"
    assert record["power"]["on"] == "relay ***"
    assert record["power"]["off"] == "*** ***"
    assert CREDENTIAL not in rig.to_toml()


def test_the_copy_of_a_rig_file_is_a_rig_file(tmp_path: Path) -> None:
    rig = load(RIGS / "simulator.toml")
    (tmp_path / "copy.toml").write_text(rig.to_toml(), "utf-8")
    assert load(tmp_path / "copy.toml").to_record() == rig.to_record()
