"""Why a client does not reach a Dask scheduler, out of what Dask, its sockets or TLS raise."""

import ssl
from collections.abc import Iterator
from typing import NamedTuple

SCHEDULER = "tcp://HOST:PORT of a running Dask scheduler, or its scheduler file"
KEYS = "--cluster-security FOLDER (in Python, cluster_security=FOLDER)"
ENCRYPTED = "tls://HOST:PORT of a scheduler that was started with TLS"
NO_TLS = ("WRONG_VERSION_NUMBER", "cannot convert to SSL")
"""In what is raised where TLS is begun and the other side answers without it, sooner or later."""
REFUSED = ("UNKNOWN_CA", "ALERT", "SSLEOFError", "EOF occurred")
"""Where the other side ends TLS: it does so once it has seen the certificate."""


class Reason(NamedTuple):
    """Two parts of a sentence."""

    what: str
    expected: str


def explain(error: Exception, encrypted: bool) -> Reason:
    """What is wrong, and what was expected. error: of Dask's client. encrypted: whether it has keys."""
    reason = one_line(error)
    if isinstance(error, AssertionError):  # its event loop had no processor for ten seconds
        what = "no scheduler answers (Dask's client did not start)"
        return Reason(what, "a computer that is less busy: the same command again")
    if isinstance(error, RuntimeError):  # it must be encrypted and is not
        return Reason(reason, ENCRYPTED)
    if isinstance(error, TypeError):  # it is encrypted, and there is nothing to do it with
        return Reason("it needs certificates", f"{KEYS} with those of a client")
    chain = list(_causes(error))
    words = " ".join(repr(one) for one in chain)
    if not encrypted:
        closed = any("Closed" in type(one).__name__ or isinstance(one, ConnectionError) for one in chain)
        more = f", and where it uses TLS, tls://HOST:PORT with {KEYS}" if closed else ""
        return Reason(f"no scheduler answers ({reason})", f"{SCHEDULER}{more}")
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in chain):
        what = "the certificate of the scheduler is not signed by the authority in cluster_security"
        return Reason(what, "the ca.pem of the authority that signed it")
    if any(one in words for one in NO_TLS):
        return Reason("the scheduler answers without TLS", ENCRYPTED)
    if any(one in words for one in REFUSED):
        return Reason(f"the scheduler refuses the certificate ({reason})", "one signed by its authority")
    return Reason(f"no scheduler answers ({reason})", ENCRYPTED)


def one_line(error: Exception) -> str:
    """What an exception says, on one line that is not too long."""
    return " ".join(str(error).split())[:200]


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The exception, and those that led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
