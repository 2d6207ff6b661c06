"""The keys of a client of an encrypted Dask cluster: where they are, and whether they can be read."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from workloads.errors import InputError, refuse
from workloads.regular_files import check_regular
from workloads.yaml_files import Strict, Text, parse_yaml, read_text, validation_sentence

EXPECTED = "a folder with ca.pem, cert.pem and key.pem, or a .yaml or .json file that names tls_ca_file and so on"


class SecurityFile(Strict):
    """A file that names the others; paths are relative to its folder."""

    tls_ca_file: Text
    tls_client_cert: Text
    tls_client_key: Text


class ClientKeys(NamedTuple):
    """PEM files, under Dask's names of them."""

    tls_ca_file: str  # the authority that signed the cluster's certificates
    tls_client_cert: str
    tls_client_key: str


def find_keys(source: str) -> ClientKeys:
    """The files in a folder or named in a file. InputError where one is missing or cannot be used."""
    path = Path(source)
    try:
        here = path.is_dir()
    except (OSError, ValueError):  # a name with a zero byte, or longer than the system takes
        here = False
    names = dict(zip(ClientKeys._fields, ("ca.pem", "cert.pem", "key.pem"), strict=True)) if here else _named(path)
    folder = path if here else path.parent
    keys = ClientKeys(**{key: str(check_regular(folder / name, f"the {key}")) for key, name in names.items()})
    _check(source, keys)
    return keys


def _named(path: Path) -> Mapping[str, str]:
    text = read_text(path, EXPECTED)
    try:
        return SecurityFile.model_validate(parse_yaml(path, text)).model_dump()
    except ValidationError as error:
        raise InputError(validation_sentence(f"{path}", SecurityFile, error)) from None


def _check(source: str, keys: ClientKeys) -> None:
    """InputError where a file is no PEM file, or the key is encrypted or not that of the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(keys.tls_ca_file)
    except (OSError, ValueError) as error:
        refuse(source, f"{keys.tls_ca_file} cannot be read ({_reason(error)})", "certificates as PEM")
    try:
        context.load_cert_chain(keys.tls_client_cert, keys.tls_client_key, password=lambda: "")  # else it would ask
    except (OSError, ValueError) as error:
        what = f"{keys.tls_client_key} is not the key of {keys.tls_client_cert} ({_reason(error)})"
        refuse(source, what, "a certificate and its key as PEM, without a password")


def _reason(error: Exception) -> str:
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
