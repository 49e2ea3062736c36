"""Public data that ships with the package: GPU purchases, prices paid and reported statements, each with its source.

Every file is read as text and cast strictly; amounts stay exact (integers or decimals, never floats).
README.md in this folder describes the files, their columns and their licences.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from importlib.resources import files
from typing import Any

import dataframely as dy
import polars as pl

from depr import contract
from depr.errors import refuse, unknown
from depr.kernel.rounding import decimal_text
from depr.statements.basis import bases
from depr.statements.depreciation import LINES, one_line

Row = dict[str, Any]
SERVER_COST = "server_cost_per_gpu_dollar"
MONTHS_TO_SERVICE = "months_from_shipment_to_service"

# How many of our integer units (cents, shares, millionths of a dollar) one unit of a cell is worth.
_SCALE = {"USD millions": 10**8, "millions of shares": 10**6, "USD per share": 10**6}
_MONEY = (
    *("revenue", "cost_of_revenue", "gross_profit", "research_and_development", "sales_general_admin"),
    *("operating_income", "interest_expense", "pretax_income", "income_tax", "net_income"),
    *("depreciation_and_amortization", "cash_from_operations", "capex", "finance_lease_principal", "debt_repaid"),
    *("ppe_net", "total_assets", "total_debt", "equity", "cash"),
    *("equity_method_income", "discontinued_income", "minority_interest_income", "net_income_to_common"),
)
_COLUMNS = {
    **{f"{line}_minor": line for line in _MONEY},
    **{f"{line}_micro": line for line in ("eps_basic", "eps_diluted")},
    **{column: f"{column}_m" for column in ("basic_shares", "diluted_shares")},
}
_PERIOD = ("issuer", "period_type", "fiscal_year", "fiscal_quarter", "period_end")
_LOT = ("lot_id", "issuer", "generation", "units", "cost", "cost_low", "cost_high", "currency")
_PARTS = ("unit_price", "multiplier", "upstream_file", "upstream_row", "upstream_sha256")
_PURCHASES = dict.fromkeys((*_LOT, *_PARTS, "purchase_date", "in_service_date", "document"), pl.String)
UPSTREAM = ("purchases.csv", "prices.csv")
"""The files of this folder that the purchases of the demo are derived from."""


def upstream(file: str) -> bytes:
    """A file of this folder as it ships."""
    return files(__name__).joinpath(file).read_bytes()


def _read(file: str, **types: pl.DataType | type[pl.DataType]) -> pl.DataFrame:
    text = pl.read_csv(upstream(file), infer_schema=False)
    return text.with_columns(
        pl.col(name).str.to_date("%Y-%m-%d") if dtype is pl.Date else pl.col(name).cast(dtype)  # both strict
        for name, dtype in types.items()
    )


def purchases() -> pl.DataFrame:
    """Estimated GPU shipments by owner, chip and calendar quarter: units with their 5th and 95th percentile."""
    types = dict.fromkeys(("units", "units_low", "units_high"), pl.Int64)
    return _read("purchases.csv", **types, quarter_start=pl.Date, quarter_end=pl.Date)


def prices() -> pl.DataFrame:
    """Price paid per GPU by chip and calendar year, in whole US dollars: low, mid and high."""
    return _read("prices.csv", year=pl.Int32, low_usd=pl.Int64, mid_usd=pl.Int64, high_usd=pl.Int64)


def statement_cells() -> pl.DataFrame:
    """Reported figures in long form, one row a figure, each with its unit, basis and source."""
    calendar = {"fiscal_year": pl.Int32, "fiscal_quarter": pl.Int32, "period_end": pl.Date}
    return _read("statements.csv", **calendar, value=pl.Decimal(24, 6))


def statement_bases() -> pl.DataFrame:
    """How each reported figure came: printed by the filer, derived, or a vendor's (depr.statements.basis)."""
    return bases(statement_cells().rename({"basis": "how"}))


def statements(issuer: str | None = None, named: Mapping[str, str] | None = None) -> dy.DataFrame[contract.Statements]:
    """Reported lines, one row an issuer and fiscal period, in integer units; all issuers unless one is named.

    value x unit exactly: USD millions -> cents, millions of shares -> shares, USD per share -> millionths.
    Depreciation is of one line an issuer, the one `named`, else the one that more of its years have
    (depr.statements.depreciation).
    Raises Refused when the issuer is unknown.
    """
    cells = statement_cells()
    chosen = cells if issuer is None else cells.filter(pl.col("issuer") == issuer)
    if issuer is not None and chosen.is_empty():
        raise unknown("issuer", issuer, cells["issuer"], "statements.csv")
    rows = [
        dict(zip(_PERIOD, key, strict=True)) | _statement({cell["line"]: cell for cell in group.iter_rows(named=True)})
        for key, group in chosen.group_by(_PERIOD)
    ]
    types = {name: column.dtype for name, column in contract.Statements.columns().items()}
    table = one_line(pl.DataFrame(rows, types), named).sort("issuer", "period_type", "period_end")
    return contract.Statements.validate(table)


def _statement(cells: Mapping[str, Row]) -> Row:
    line = next((name for name in LINES if name in cells), None)
    lines = _COLUMNS | {"depreciation_minor": line or ""}
    figures = {column: _integer(cells[name]) if name in cells else None for column, name in lines.items()}
    return figures | {"currency": "USD", "depreciation_line": line}


def _integer(cell: Row) -> int:
    exact = Fraction(cell["value"]) * _SCALE[cell["unit"]]
    if exact.denominator != 1:
        raise refuse("statements.csv", f"{cell['issuer']} {cell['line']} {cell['value']} is finer than its unit holds")
    return int(exact)


def priced_purchases(assumptions: Mapping[str, Fraction]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Purchases that have an issuer and a price, as a purchases file (all text), and the rest with the `reason`.

    cost = units x price of the chip in that calendar year x server_cost_per_gpu_dollar, half-even to cents; low (high)
    takes the low (high) units and price, and the same multiple. Each row keeps these parts, and the row of
    purchases.csv that it comes from with the hash of the file. A purchase is dated at the end of its quarter; service
    begins months_from_shipment_to_service whole months after the day that follows, always the first of a month.
    Raises Refused when an assumption is absent or its months are not whole.
    """
    multiple, months = _assumptions(assumptions)
    hashes = {name: hashlib.sha256(upstream(name)).hexdigest() for name in UPSTREAM}
    priced = {(row["chip"], row["year"]): row | {"row": n} for n, row in _numbered(prices())}
    bought = purchases()
    lots = list[Row]()
    rest = list[Row]()
    for number, row in _numbered(bought):
        price = priced.get((row["chip"], row["quarter_end"].year))
        if row["issuer"] and price:
            values = _lot(row | {"row": number}, price, multiple, months, hashes)
            lots.append(dict(zip(_PURCHASES, values, strict=True)))
        else:
            rest.append(row | {"reason": _reason(row, priced)})
    unpriced = pl.DataFrame(rest, schema={**bought.schema, "reason": pl.String()})
    return pl.DataFrame(lots, schema=_PURCHASES), unpriced


def _numbered(table: pl.DataFrame) -> Iterator[tuple[int, Row]]:
    """Rows with their place in the file; the header is row 1."""
    return enumerate(table.iter_rows(named=True), 2)


def unpriced_units(rest: pl.DataFrame) -> pl.DataFrame:
    """Purchases of an issuer without a price (`priced_purchases`), as a file of events of the kind unpriced."""
    places = {(row["owner"], row["chip"], row["quarter_end"]): n for n, row in _numbered(purchases())}
    owned = rest.filter(pl.col("issuer").is_not_null(), pl.col("units") > 0)
    rows = [
        {
            "kind": "unpriced",
            "lot_id": _name(row),
            "effective_date": row["quarter_end"].isoformat(),
            "issuer": row["issuer"],
            "generation": row["generation"],
            "units": str(row["units"]),
            "document": f"purchases.csv:{places[row['owner'], row['chip'], row['quarter_end']]}, {row['dataset']}",
            "reason": row["reason"],
        }
        for row in owned.iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(UNPRICED, pl.String))


UNPRICED = ("kind", "lot_id", "effective_date", "issuer", "generation", "units", "document", "reason")


def _name(row: Row) -> str:
    """The name of a lot: owner, generation and quarter of shipment."""
    end: date = row["quarter_end"]
    return f"{row['issuer']}-{row['generation'].upper()}-{end.year}Q{(end.month + 2) // 3}"


def _assumptions(values: Mapping[str, Fraction]) -> tuple[Fraction, int]:
    for key in (SERVER_COST, MONTHS_TO_SERVICE):
        if key not in values:
            raise unknown("assumption", key, values, "assumptions")
    months = Fraction(values[MONTHS_TO_SERVICE])
    if months.denominator != 1 or months < 0:
        raise refuse("assumptions", f"{MONTHS_TO_SERVICE} is {months}", do="give whole months, 0 or more")
    return Fraction(values[SERVER_COST]), int(months)


def _lot(row: Row, price: Row, multiple: Fraction, months: int, hashes: Mapping[str, str]) -> Iterator[str | None]:
    end: date = row["quarter_end"]
    yield _name(row)
    yield from (row["issuer"], row["generation"], str(row["units"]))
    for units, per_gpu in (("units", "mid_usd"), ("units_low", "low_usd"), ("units_high", "high_usd")):
        cents = round(row[units] * price[per_gpu] * multiple * 100)  # a Fraction rounds half to even
        yield f"{cents // 100}.{cents % 100:02}"
    yield from ("USD", str(price["mid_usd"]), decimal_text(multiple), UPSTREAM[0], str(row["row"]), hashes[UPSTREAM[0]])
    yield from (end.isoformat(), _in_service(end, months).isoformat())
    units = f"{row['dataset']}, {row['source']}"
    yield (
        f"{units}; price: {UPSTREAM[1]}:{price['row']}, SHA-256 {hashes[UPSTREAM[1]]}, {price['source']}; "
        f"assumptions: {SERVER_COST}, {MONTHS_TO_SERVICE}"
    )


def _in_service(quarter_end: date, months: int) -> date:
    start = quarter_end + timedelta(days=1)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _reason(row: Row, priced: Mapping[tuple[str, int], Row]) -> str:
    if not row["issuer"]:
        return f"{row['owner']} is not one issuer"
    if any(chip == row["chip"] for chip, _ in priced):
        return f"no sourced price for {row['chip']} in {row['quarter_end'].year}"
    return f"no sourced price for {row['chip']}"
