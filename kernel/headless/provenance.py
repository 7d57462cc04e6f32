"""What an executed notebook says of its results: when they were computed and committed, and what must be read first.

A display gives the days of the runs that it shows by data of the MIME type RUN_DATES, {first, last}, days such as "2026-11-21", which front ends
pass over.
"""

from __future__ import annotations

import re
from html import escape

RUN_DATES = "application/vnd.allroads.run-dates+json"

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def is_dates(value) -> bool:
    """Whether a value is {first, last} with two days."""
    return isinstance(value, dict) and all(
        isinstance(value.get(key), str) and DAY.fullmatch(value[key]) for key in ("first", "last")
    )


def joined(dates: list) -> dict | None:
    """The first and the last of several such pairs of days; None if there is none. Other values are passed over."""
    dates = [each for each in dates if is_dates(each)]
    if not dates:
        return None
    return {"first": min(each["first"] for each in dates), "last": max(each["last"] for each in dates)}


def run_dates(notebook) -> dict | None:
    """The days that the displays of a notebook give, or None."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    given = [output.get("data", {}).get(RUN_DATES) for output in outputs]
    return joined(given)


def dates_html(dates: dict) -> str:
    """`runs of 2026-11-21` or `runs of 2026-11-21 to 2026-11-29` in HTML."""
    days = dict.fromkeys((dates["first"], dates["last"]))
    return f"runs of {' to '.join(f'<time>{escape(day)}</time>' for day in days)}"


def source_facts(run: dict) -> list[str]:
    """When the results of an executed notebook were computed and committed, from its metadata, in HTML."""
    dates, commit = run.get("runs"), run.get("committed")
    if not is_dates(dates):
        return []
    facts = [dates_html(dates)]
    if isinstance(commit, dict) and DAY.fullmatch(str(commit.get("date"))):
        name = escape(str(commit.get("name", "")))
        facts.append(f"committed on <time>{escape(commit['date'])}</time> ({name})")
    return facts


def all_source_facts(runs: list) -> list[str]:
    """The same for several notebooks together."""
    shown = [run for run in runs if source_facts(run)]
    return source_facts({**shown[-1], "runs": joined([run["runs"] for run in shown])}) if shown else []


def banners(runs: list) -> list[str]:
    """What stands on top of the page of executed notebooks, from their metadata, each text once."""
    return list(dict.fromkeys(run["banner"] for run in runs if isinstance(run.get("banner"), str) and run["banner"]))
