"""SPREADSHEET: the depreciation functions of Excel and LibreOffice, exact."""
