"""What `sam build` makes is complete, small, compiled and for the right processor.

The rule: handlers are imported from the built folders alone, by a Python that sees no other package.
"""

import json
import struct
from pathlib import Path

import pytest

from sandbox.template import Function, read
from tests.deploy import toolchain
from tests.deploy.conftest import BuildFor

ELF_MACHINE = {"arm64": 183, "x86_64": 62}
SERVICES = {"cloudformation", "dynamodb", "kms", "lambda", "logs", "secretsmanager", "sts"}
FUNCTIONS = [function.logical_id for function in read(toolchain.TEMPLATE, {}).functions]
HASHED_AND_UNCHECKED = 0b01
MEGABYTE = 1_000_000

# Isolated (-I) and without site-packages (-S): the standard library and two folders are all there is.
LOAD = """
import json, sys
code, layer = sys.argv[1:]
sys.path[:0] = [code, layer]
compiled = []
sys.addaudithook(lambda event, given: compiled.append(str(given[1])) if event == "compile" else None)
import app, boto3
clients = [boto3.client(name).meta.service_model.service_name for name in ("dynamodb", "secretsmanager")]
files = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}
from_source = [name for name in compiled if name.startswith(layer)]
print(json.dumps({"callable": callable(app.handler), "clients": clients, "files": files, "from_source": from_source}))
"""


def layer_of(build: Path) -> Path:
    return build / "HallpassLayer" / "python"


def built_function(build: Path, name: str) -> Function:
    [found] = [function for function in read(build / "template.yaml", {}).functions if function.logical_id == name]
    return found


# First in the file, so that two test processes build at the same time, one for each processor.
@pytest.mark.parametrize("architecture", ELF_MACHINE)
def test_compiled_wheels_are_for_the_processor(architecture: str, build_for: BuildFor) -> None:
    libraries = list(layer_of(build_for(architecture)).rglob("*.so*"))
    assert libraries
    machines = {path.name: struct.unpack_from("<H", path.read_bytes()[:20], 18)[0] for path in libraries}
    assert set(machines.values()) == {ELF_MACHINE[architecture]}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_handler_loads_from_what_was_built_and_nothing_else(name: str, build_for: BuildFor) -> None:
    build = build_for(toolchain.OWN_ARCHITECTURE)
    python = toolchain.python_of_lambda()
    function = built_function(build, name)
    environment = {
        **function.environment,
        "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "invented", "AWS_SECRET_ACCESS_KEY": "invented", "HOME": str(build),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
    }  # fmt: skip
    command: list[str | Path] = [python / "python3.13", "-I", "-S", "-B", "-c", LOAD, function.code, layer_of(build)]
    told = json.loads(toolchain.run(command, environment))
    assert told["callable"]
    assert told["clients"] == ["dynamodb", "secretsmanager"]
    assert told["from_source"] == []
    standard_library = str(python.parent)
    strangers = {
        module: file
        for module, file in told["files"].items()
        if file and not file.startswith((str(build), standard_library, "/usr/lib/python3.13"))
    }
    assert strangers == {}


def test_byte_code_is_unchecked_hash_for_every_module(build_for: BuildFor) -> None:
    layer = layer_of(build_for("arm64"))
    compiled = list(layer.rglob("*.pyc"))
    flags = {path.name: int.from_bytes(path.read_bytes()[4:8], "little") for path in compiled}
    assert set(flags.values()) == {HASHED_AND_UNCHECKED}
    wanted = {path.with_suffix("") for path in layer.rglob("*.py")}
    assert {path.parent.parent / path.name.partition(".cpython-313")[0] for path in compiled} == wanted


def test_layer_carries_what_is_used_and_little_else(build_for: BuildFor) -> None:
    layer = layer_of(build_for("arm64"))
    assert {path.name for path in (layer / "botocore" / "data").iterdir() if path.is_dir()} == SERVICES
    assert {path.name for path in (layer / "botocore" / "data").glob("*.json")} >= {"endpoints.json", "partitions.json"}
    assert [path for path in layer.rglob("tests") if path.is_dir()] == []
    assert sum(path.stat().st_size for path in layer.rglob("*") if path.is_file()) < 35 * MEGABYTE


def test_layer_carries_what_is_served_as_it_is(build_for: BuildFor) -> None:
    package = toolchain.ROOT / "layers" / "hallpass" / "hallpass"
    kept = [path.relative_to(package) for name in ("static", "synthetic") for path in (package / name).rglob("*.*")]
    assert kept
    built = layer_of(build_for("arm64")) / "hallpass"
    assert [path for path in kept if (built / path).read_bytes() != (package / path).read_bytes()] == []


def test_every_entry_point_is_a_function_of_the_template() -> None:
    entries = {path.parent for path in (toolchain.ROOT / "functions").glob("*/app.py")}
    assert {function.code for function in read(toolchain.TEMPLATE, {}).functions} == entries


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_folder_is_a_thin_entry(name: str, build_for: BuildFor) -> None:
    code = built_function(build_for("arm64"), name).code
    sources = list(code.rglob("*.py"))
    assert [path.name for path in sources] == ["app.py"]
    # It is compiled anew at each cold start, which is why everything else is in the layer.
    assert sources[0].stat().st_size < 4_000


def test_the_layer_carries_no_tracing_library(build_for: BuildFor) -> None:
    assert list(layer_of(build_for("arm64")).glob("aws_xray*")) == []
