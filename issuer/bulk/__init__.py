"""Issuing from a file of records: reading what departments export, running it in batches, reporting by row.

records = open_records(path, certificate_type)             # FileRefused before anything is issued
with ErrorReport(path.with_suffix(".errors.csv")) as report:
    summary = BulkRun(issuer, directory).run(records, report, progress=bar)
"""

from issuer.bulk.reading import FileLimits, Records, Row, open_records
from issuer.bulk.report import ErrorReport
from issuer.bulk.run import BulkRun, Summary

__all__ = ["BulkRun", "ErrorReport", "FileLimits", "Records", "Row", "Summary", "open_records"]
