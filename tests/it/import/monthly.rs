//! A month of an analyst: the register as a workbook, edited by other programs, imported with mistakes, corrected, imported again.
//! Where openpyxl or LibreOffice is missing (`tests/install`, a package of the system), that part is passed over, and says so.

use std::path::Path;
use std::process::Command;

use super::client::Desk;

/// Python with openpyxl, if it is there.
fn python() -> Option<Command> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/readers/bin/python");
    path.exists().then(|| Command::new(path))
}

fn edit(desk: &Desk, script: &str) -> bool {
    let Some(mut python) = python() else {
        eprintln!("passed over: openpyxl is not there; tests/install brings it");
        return false;
    };
    let ran = python.arg("-c").arg(script).current_dir(desk.folder.path()).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    true
}

fn export(desk: &Desk, name: &str) {
    let mut command = crate::server::boordtabel();
    command.args(["export", "--format", "xlsx", "--out", name, "--url", &desk.small.server.url]);
    let ran = command.current_dir(desk.folder.path()).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

const EDIT: &str = "
import openpyxl
book = openpyxl.load_workbook('register.xlsx')
sheet = book['observations']
names = {cell.value: cell.column for cell in sheet[1]}
def add(line, indicator, period, value, status='REPORTED', unit='COUNT'):
    for name, it in [('indicatorKey', indicator), ('period', period), ('figure.value', value), ('figure.status', status), ('figure.unit', unit)]:
        sheet.cell(line, names[name]).value = it
last = sheet.max_row
sheet.cell(2, names['figure.value']).value = 11
add(last + 1, 'i-1', '2021-01', VALUE1)
add(last + 2, 'i-1', '2021-02', 40, unit=UNIT)
add(last + 3, INDICATOR, '2021-03', 41)
add(last + 4, 'i-2', '2021-03', 42, status='gerapporteerd')
book.save(OUT)
";

fn script(out: &str, value: &str, unit: &str, indicator: &str) -> String {
    EDIT.replace("OUT", &format!("'{out}'"))
        .replace("VALUE1", value)
        .replace("UNIT", &format!("'{unit}'"))
        .replace("INDICATOR", &format!("'{indicator}'"))
}

#[test]
fn a_month_with_openpyxl_and_libreoffice() {
    let desk = Desk::new();
    export(&desk, "register.xlsx");
    // What was exported changes nothing.
    desk.import(&["register.xlsx"]).is(0, &["UNCHANGED"]);
    if !edit(&desk, &script("maart.xlsx", "'3x'", "CUONT", "i-3")) {
        return;
    }
    let ran = desk.import(&["maart.xlsx", "--rejects", "fouten.xlsx", "--dry-run"]);
    ran.is(1, &["the data has 3 problems", "sheet observations", "NOT_A_NUMBER", "UNKNOWN_VALUE", "UNKNOWN_REFERENCE"]);
    // The marked workbook is one that openpyxl opens, with its three comments.
    let read = "
import openpyxl
book = openpyxl.load_workbook('fouten.xlsx')
marked = [cell for row in book['observations'] for cell in row if cell.comment]
assert len(marked) == 3, marked
assert all(cell.fill.fgColor.rgb == 'FFFFC7CE' for cell in marked), [cell.fill.fgColor.rgb for cell in marked]
assert 'NOT_A_NUMBER' in ''.join(cell.comment.text for cell in marked)
";
    edit(&desk, read);
    edit(&desk, &script("april.xlsx", "39", "COUNT", "i-1"));
    let ran = desk.import(&["april.xlsx"]);
    ran.is(0, &["COMMITTED", "4 created, 1 updated", "WORD_CORRECTED: `gerapporteerd` is taken for `REPORTED`"]);
    assert_eq!(desk.count(), 7);
    desk.import(&["april.xlsx"]).is(0, &["UNCHANGED", "0 created, 0 updated"]);
    // The same by way of LibreOffice: its own format, and Excel's as it writes that.
    let Some(office) = ["soffice", "libreoffice"]
        .into_iter()
        .find(|it| Command::new(it).arg("--version").output().is_ok_and(|ran| ran.status.success()))
    else {
        eprintln!("passed over: LibreOffice is not there");
        return;
    };
    let convert = |file: &str, format: &str, folder: &str| {
        let profile = format!("-env:UserInstallation=file://{}/profile", desk.folder.path().display());
        let ran = Command::new(office)
            .args([&profile, "--headless", "--convert-to", format, "--outdir", folder, file])
            .current_dir(desk.folder.path())
            .output()
            .unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    };
    convert("april.xlsx", "ods", ".");
    desk.import(&["april.ods"]).is(0, &["UNCHANGED", "0 created, 0 updated"]);
    convert("april.xlsx", EXCEL, "libre");
    desk.import(&["libre/april.xlsx"]).is(0, &["UNCHANGED", "0 created, 0 updated"]);
    // What LibreOffice wrote comes back marked, and it opens that with colours and comments.
    convert("maart.xlsx", "ods", ".");
    desk.import(&["maart.ods", "--rejects", "gemerkt.ods"]).is(1, &["the data has 3 problems"]);
    convert("gemerkt.ods", EXCEL, "libre");
    edit(&desk, &read.replace("fouten.xlsx", "libre/gemerkt.xlsx"));
}

/// Excel's form, as LibreOffice names it.
const EXCEL: &str = "xlsx:Calc MS Excel 2007 XML";
