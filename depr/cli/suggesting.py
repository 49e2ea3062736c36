"""A suggested mapping at the command line: written to a file, with its preview and what is left to decide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from depr.cli.options import Format
from depr.console.screen import console, show

SUFFIX = ".mapping.toml"


def suggest(
    ledger: Path, files: list[Path], out: Path | None, schedules: Path | None, form: Format, **how: Any
) -> None:
    """Write a mapping for the one file that is named; a ledger before it says which issuers and classes there are."""
    from depr.console.answer import Answer
    from depr.fleet import Fleet
    from depr.share.files import replacing

    if len(files) > 1:
        raise typer.BadParameter("--suggest reads one file")
    file = files[0] if files else ledger
    overwrite = how.pop("overwrite")
    suggestion = Fleet(ledger if files else "", schedules).suggest(file, **how)
    target = out or Path(f"{file.stem}{SUFFIX}")
    with replacing(target, overwrite=overwrite) as stream:
        stream.write(suggestion.text.encode())
    show(Answer(suggestion.preview, title=f"{file.name} as {target} reads it"), form)
    tell = console(error=True).print
    for each in suggestion.in_the_way:
        tell(f"in the way: {each}", soft_wrap=True, markup=False)
    if suggestion.open:
        left = ", ".join(suggestion.open)
        tell(f"left open, decide in {target}: {left}", soft_wrap=True, markup=False)
    named = ledger if files else "LEDGER"
    tell(f"wrote {target}; then: depr import {named} {file} --mapping {target} --dry-run", soft_wrap=True, markup=False)
