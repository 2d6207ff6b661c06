"""Encrypted clusters: who has a key of the authority can use one, all others get a sentence."""

import json
import re
import shutil
import ssl
import subprocess
import sys
from contextlib import ExitStack, contextmanager

import pytest
from support.results.dask_processes import scheduler, worker
from support.results.sweeping import content, run, space, start

from simulator.sweeps.workers.cluster_errors import ENCRYPTED, SCHEDULER, explain
from simulator.sweeps.workers.cluster_security import ClientKeys, find_keys
from workloads.errors import InputError
from zeroskip import run_sweep, sweep

pytest.importorskip("distributed")
POINTS = {"seed": "0,1", "pes": [1, 2]}
SMALL = {"scale": 1 / 64}


def openssl(*arguments):
    subprocess.run([shutil.which("openssl"), *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Two authorities, a folder each: ca.pem, and a cert.pem that it signed, with its key.pem."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make certificates with")
    made = tmp_path_factory.mktemp("keys")
    for name in ("ours", "other"):
        folder = made / name
        folder.mkdir()
        new = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
        openssl(*new, "-keyout", folder / "ca_key.pem", "-out", folder / "ca.pem")
        request = ["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=client"]
        openssl(*request, "-keyout", folder / "key.pem", "-out", folder / "request.pem")
        sign = ["x509", "-req", "-days", "2", "-CA", folder / "ca.pem", "-CAkey", folder / "ca_key.pem"]
        openssl(*sign, "-CAcreateserial", "-in", folder / "request.pem", "-out", folder / "cert.pem")
    return made


@contextmanager
def cluster(keys, folder):
    """An encrypted scheduler with a worker; its address, and its scheduler file."""
    tls = ["--tls-ca-file", keys / "ca.pem", "--tls-cert", keys / "cert.pem", "--tls-key", keys / "key.pem"]
    with ExitStack() as stack:
        file = folder / "scheduler.json"
        _, address = stack.enter_context(scheduler(file, 0, "--protocol", "tls", *tls))
        stack.enter_context(worker(address, folder / "worker", *tls))
        yield address, file


REFUSED = """
import sys
from zeroskip import InputError, sweep
from simulator.sweeps.workers import dask_cluster
dask_cluster.CONNECT_SECONDS = 3
store, cluster, *keys = sys.argv[1:]
try:
    sweep("eie", "alexnet-fc7", {"seed": "0"}, store=store, cluster=cluster, cluster_security=keys[0] if keys else None)
except InputError as error:
    print(error)
"""


def refused_elsewhere(store, cluster, *keys):
    """The sentence of a sweep in a process of its own: a client that failed leaves threads behind."""
    done = subprocess.run([sys.executable, "-c", REFUSED, store, cluster, *keys], check=True, capture_output=True)
    sentence = done.stdout.decode()
    assert sentence.count("\n") == 1, sentence + done.stderr.decode()
    return sentence


def refused(pattern, **where):
    with pytest.raises(InputError, match=pattern) as caught:
        sweep("eie", "alexnet-fc7", POINTS, fixed=SMALL, **where)
    assert "\n" not in str(caught.value)


def test_an_encrypted_cluster_gives_the_same_bits_to_who_has_a_key(keys, tmp_path):
    where = space("seed=0,1", "pes=1,2")
    run(where, tmp_path / "local.db")
    (tmp_path / "tls.yaml").write_text(
        f"tls_ca_file: {keys}/ours/ca.pem\ntls_client_cert: {keys}/ours/cert.pem\ntls_client_key: {keys}/ours/key.pem\n"
    )
    with cluster(keys / "ours", tmp_path) as (address, file):
        assert address.startswith("tls://")
        done = sweep("eie", "alexnet-fc7", POINTS, fixed=SMALL, store=tmp_path / "python.db", cluster=address,
                     cluster_security=keys / "ours")  # fmt: skip
        assert (done.points, done.run, done.failed) == (4, 4, 0)
        found = start("sweep", "eie", "alexnet-fc7", "--set", "scale=0.015625", "--over", "seed=0,1",
                      "--over", "pes=1,2", "--store", tmp_path / "command.db", "--cluster", file,
                      "--cluster-security", tmp_path / "tls.yaml")  # fmt: skip
        assert found.wait(120) == 0, found.stderr.read()
    assert content(tmp_path / "python.db") == content(tmp_path / "command.db") == content(tmp_path / "local.db")


@pytest.fixture(scope="module")
def encrypted(keys, tmp_path_factory):
    with cluster(keys / "ours", tmp_path_factory.mktemp("cluster")) as (address, _):
        yield address


def test_who_has_no_key_reads_what_is_missing(encrypted, tmp_path):
    no = tmp_path / "no.db"
    assert refused_elsewhere(no, encrypted) == (
        f"cluster {encrypted}: it needs certificates; expected --cluster-security FOLDER (in Python, "
        "cluster_security=FOLDER) with those of a client\n"
    )
    plain = encrypted.replace("tls://", "tcp://")
    hint = ", and where it uses TLS, tls://HOST:PORT with --cluster-security FOLDER"
    assert re.match(f"cluster {plain}: no scheduler answers .*; expected tcp://.*{hint}", refused_elsewhere(no, plain))


def test_who_has_the_keys_of_another_authority_is_refused_in_a_sentence(encrypted, keys, tmp_path):
    no = tmp_path / "no.db"
    sentence = refused_elsewhere(no, encrypted, keys / "other")
    what = "the certificate of the scheduler is not signed by the authority in cluster_security"
    assert sentence == f"cluster {encrypted}: {what}; expected the ca.pem of the authority that signed it\n"
    mixed = tmp_path / "mixed"
    shutil.copytree(keys / "other", mixed)
    shutil.copy(keys / "ours" / "ca.pem", mixed)
    sentence = refused_elsewhere(no, encrypted, mixed)
    assert sentence.startswith(f"cluster {encrypted}: the scheduler refuses the certificate (")
    assert sentence.endswith("); expected one signed by its authority\n")


def raised(error, cause=None):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("error", [OSError("Timed out"), ValueError("missing port")])
def test_where_nobody_answers_no_certificate_is_to_blame(error, encrypted):
    what, expected = explain(error, encrypted)
    assert what == f"no scheduler answers ({error})"
    assert expected == (ENCRYPTED if encrypted else SCHEDULER)


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (
            raised(OSError(""), ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong")),
            "the scheduler answers without TLS",
        ),
        (ValueError("IOStream is not idle; cannot convert to SSL"), "the scheduler answers without TLS"),
        (OSError("SSLError: [SSL: TLSV1_ALERT_UNKNOWN_CA] unknown"), "the scheduler refuses the certificate"),
        (OSError("SSLEOFError: EOF occurred in violation of protocol"), "the scheduler refuses the certificate"),
    ],
)
def test_what_tls_raises_sooner_or_later_has_one_meaning(error, what):
    assert explain(error, encrypted=True).what.startswith(what)


def test_keys_for_a_scheduler_without_encryption(keys, tmp_path):
    with scheduler(tmp_path / "scheduler.json") as (_, address):
        sentence = refused_elsewhere(tmp_path / "no.db", address.replace("tcp://", "tls://"), keys / "ours")
    assert sentence.endswith(f": the scheduler answers without TLS; expected {ENCRYPTED}\n")


def test_a_cluster_that_is_not_encrypted_is_refused(keys, tmp_path):
    with scheduler(tmp_path / "scheduler.json") as (_, address):
        for where in (address, tmp_path / "scheduler.json"):
            expected = "encryption required.*expected tls://HOST:PORT"
            refused(expected, store=tmp_path / "no.db", cluster=where, cluster_security=keys / "ours")


def test_the_files_are_found(keys):
    names = ClientKeys(*(str(keys / "ours" / name) for name in ("ca.pem", "cert.pem", "key.pem")))
    assert find_keys(str(keys / "ours")) == names
    for file in ("here.json", "here.yaml"):
        local = dict(zip(ClientKeys._fields, ("ca.pem", "cert.pem", "key.pem"), strict=True))
        (keys / "ours" / file).write_text(json.dumps(local))
        assert find_keys(str(keys / "ours" / file)) == names  # paths are relative to the file


def test_files_that_cannot_be_used_are_refused_in_a_sentence(keys, tmp_path):
    def damaged(**changes):
        folder = tmp_path / "-".join(changes)
        shutil.copytree(keys / "ours", folder)
        for name, content_of in changes.items():
            path = folder / f"{name}.pem"
            path.unlink() if content_of is None else path.write_bytes(content_of.read_bytes())
        return folder

    secret = tmp_path / "secret.pem"
    openssl("rsa", "-aes128", "-passout", "pass:word", "-in", keys / "ours" / "key.pem", "-out", secret)
    (tmp_path / "half.yaml").write_text("tls_ca_file: ca.pem\n")
    (tmp_path / "text.pem").write_text("no certificate\n")
    wrong = {
        keys / "none": "none: there is no such file; expected a folder with ca.pem",
        damaged(key=None): "key.pem: there is no such file; expected the tls_client_key",
        damaged(cert=keys / "other" / "cert.pem"): "key.pem is not the key of .*cert.pem",
        damaged(ca=tmp_path / "text.pem"): "ca.pem cannot be read",
        damaged(key=tmp_path / "text.pem", cert=tmp_path / "text.pem"): "is not the key of",
        damaged(key=secret, ca=keys / "ours" / "ca.pem"): "without a password",
        tmp_path / "half.yaml": "half.yaml: tls_client_cert",
    }
    for source, pattern in wrong.items():
        refused(pattern, store=tmp_path / "no.db", cluster="tls://127.0.0.1:9", cluster_security=source)
    assert not (tmp_path / "no.db").exists()


def test_keys_without_a_cluster(tmp_path):
    refused("given without a cluster", store=tmp_path / "no.db", cluster_security="keys")
    refused("without a store", cluster_security="keys")
    with pytest.raises(InputError, match="cluster_security is 3; expected a folder"):
        run_sweep("eie-fig8", store=tmp_path / "no.db", cluster="tls://h:1", cluster_security=3)


def test_a_missing_file_ends_the_command_with_code_2(tmp_path):
    found = start("sweep", "eie", "alexnet-fc7", "--over", "pes=1,2", "--store", tmp_path / "no.db",
                  "--cluster", "tls://127.0.0.1:9", "--cluster-security", tmp_path / "none")  # fmt: skip
    assert found.wait(60) == 2
    assert found.stderr.read().strip().count("\n") == 0
