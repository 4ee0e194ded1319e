"""Sort reviews into a table, offline: a job from its rows to a file, with a forecast before and a crash in between."""

import tempfile
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from clarion import AsyncClaudeService, Job
from clarion.emulator import Emulator
from clarion.emulator.script import error


class Verdict(BaseModel):
    """What a review says."""

    mood: Literal["good", "bad", "mixed"]
    about: str


REVIEWS = [
    {"custom_id": f"r{number}", "review": f"Soup number {number} was {'hot' if number % 3 else 'cold'}."}
    for number in range(20)
]

folder = Path(tempfile.mkdtemp())
emulator = Emulator(script=[error(529), error(529), error(400, message="no soup for you")])
claude = AsyncClaudeService(emulate=emulator)

with Job.create(
    folder / "reviews.job",
    REVIEWS,
    prompt="What does this review say?\n\n{{ review }}",
    schema=Verdict,
    model="cheap",
    max_tokens=500,
    thinking="off",
) as job:
    for variant in job.forecast(output_tokens=30).variants:
        print(f"{variant.name:16} ${variant.total:.4f}, at most ${variant.at_most:.4f}")
    status = job.run(service=claude, budget=1)
    print(f"{status.counts.done} done, {status.counts.failed} failed, ${status.cost:.4f}")

with Job.open(folder / "reviews.job") as job:  # another day, another process
    print("put back:", job.retry(["invalid_request_error"]))
    print("finished:", job.run(service=claude).counts.done)
    job.export(folder / "reviews.csv", format="csv")

print((folder / "reviews.csv").read_text().splitlines()[0])
