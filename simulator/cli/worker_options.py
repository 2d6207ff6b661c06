"""Options of commands whose points run in other processes."""

from typing import Annotated

import typer

JobsOption = Annotated[int | None, typer.Option(min=1, help="Worker processes; as many as processors.")]
ClusterOption = Annotated[str | None, typer.Option(help="A Dask scheduler, tcp://HOST:PORT, or its scheduler file.")]
SecurityOption = Annotated[
    str | None, typer.Option(help="For tls://HOST:PORT: a folder with ca.pem, cert.pem, key.pem, or a file.")
]
FixedOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="What is the same everywhere; repeatable.")
]
