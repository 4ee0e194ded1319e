"""A job whose input is Parquet, and so are its results."""

import importlib.util
from pathlib import Path

from clarion import AsyncClaudeService, Job

Path("rows.parquet").write_bytes(b"PAR1")
if importlib.util.find_spec("pyarrow"):
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table({"prompt": ["Sail!", "Row!"]}), "rows.parquet")
with Job.create("rows.job", "rows.parquet") as job:
    job.run(service=AsyncClaudeService(emulate=True))
    assert job.export("results.parquet").results == 2
