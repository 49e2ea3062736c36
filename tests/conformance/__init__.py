"""Published cases driven through the product: `run_case`, `run_files`.

A case becomes facts and judgements as a user would give them: one asset of `depr asset`, a lot of a ledger with a
book, a spreadsheet function. What the product answers is compared with what the source prints. Nothing is worked out
here: what the product does not answer is not reproduced, and what no rule reads is refused.

    words.toml        what the words of sources mean
    reading.py        inputs, of which none stays unread
    assets.py         cases of a system: `depr asset`
    standards.py      worked examples of the accounting standards: a ledger, a book, the journal
    tax.py            United States tax: `depr asset --method macrs`
    spreadsheets.py   SLN, SYD, DB ...: `depr.spreadsheet`
    compare.py        figures side by side, and what becomes of a case
"""

from tests.conformance.compare import Compared, Outcome
from tests.conformance.run import run_case, run_files

__all__ = ["Compared", "Outcome", "run_case", "run_files"]
