"""What another program reads of an exported workbook: types, formats, frozen names, filter, widths, folded columns."""

import datetime
import sys

import openpyxl

book = openpyxl.load_workbook(sys.argv[1])
assert book.sheetnames[0] == "About" and book.sheetnames[-1] == "Columns", book.sheetnames
about = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True) if row[0]}
assert about["Revision (revisie van het register)"] == "1", about
assert about["observations"] == 652 and book["observations"].max_row == 653, about

for name in book.sheetnames[1:]:
    sheet = book[name]
    assert sheet.freeze_panes == "B2", name
    assert sheet.auto_filter.ref == sheet.dimensions, (name, sheet.auto_filter.ref, sheet.dimensions)
    assert all(cell.font.bold for cell in sheet[1]), name
    # Columns of one width are told together: at least the first differs from what a program takes by itself.
    assert sheet.column_dimensions["A"].width > 8, name
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            assert cell.data_type != "f", f"{name} {cell.coordinate} is a formula"


def rows(name):
    sheet = book[name]
    names = [cell.value for cell in sheet[1]]
    return [dict(zip(names, row)) for row in sheet.iter_rows(min_row=2)]


amounts = {row["key"].value: row for row in rows("budget-amounts")}
amount = amounts["od-vi-2.1/vlaams-zorgkrediet/2020/realised/vak"]
assert amount["figure.value"].value == 40726237 and "€" in amount["figure.value"].number_format
assert amount["year"].value == 2020 and "#,##0" not in amount["year"].number_format
shares = [row["figure.value"] for row in rows("observations") if row["figure.unit"].value == "RATIO"]
shares = [cell for cell in shares if cell.value is not None]
assert shares and all("%" in cell.number_format and isinstance(cell.value, (int, float)) for cell in shares)
sheet = book["observations"]
folded = [letter for letter, column in sheet.column_dimensions.items() if column.hidden]
assert folded, "the columns that say where things were printed are folded"
dates = [row["date"].value for row in rows("documents") if row["date"].value is not None]
assert all(isinstance(date, datetime.datetime) for date in dates), dates
print("workbook read")
