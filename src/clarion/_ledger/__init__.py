"""Accounts of what was used: every attempt in an SQLite file, sums kept with it, and budgets held before sending."""

from clarion._ledger.books import Books
from clarion._ledger.file import By, LedgerFile, UsageRow
from clarion._ledger.ledger import Ledger

__all__ = ["Books", "By", "Ledger", "LedgerFile", "UsageRow"]
