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
    by_hand(&desk, office);
    // What LibreOffice wrote comes back marked, and it opens that with colours and comments.
    convert("maart.xlsx", "ods", ".");
    desk.import(&["maart.ods", "--rejects", "gemerkt.ods"]).is(1, &["the data has 3 problems"]);
    convert("gemerkt.ods", EXCEL, "libre");
    edit(&desk, &read.replace("fouten.xlsx", "libre/gemerkt.xlsx"));
}

/// A month of which everything is done in LibreOffice: the register is opened, cells are typed into, and saved in either form.
fn by_hand(desk: &Desk, office: &str) {
    if !Command::new(PYTHON).args(["-c", "import uno"]).output().is_ok_and(|ran| ran.status.success()) {
        eprintln!("passed over: python3-uno is not there");
        return;
    }
    export(desk, "mei.xlsx");
    // What LibreOffice opens and saves, with nothing typed, is what it was.
    type_in(desk, office, ("mei.xlsx", "mei.ods", "calc8"), &[]);
    desk.import(&["mei.ods"]).is(0, &["UNCHANGED"]);
    // A new row, three mistakes.
    let mut row =
        cells(desk, "mei.xlsx", &[("figure.value", "4O"), ("figure.status", "gerapporteerd"), ("period", "mei 2021")]);
    row.extend(cells(desk, "mei.xlsx", &[("indicatorKey", "i-1"), ("figure.unit", "STUKS")]));
    type_in(desk, office, ("mei.xlsx", "mei-fout.xlsx", EXCEL_FILTER), &row);
    let told: Vec<String> = row
        .iter()
        .filter(|it| !it.contains("i-1") && !it.contains("gerapporteerd"))
        .map(|it| it.split('=').next().unwrap().to_owned())
        .collect();
    let ran = desk.import(&["mei-fout.xlsx"]);
    ran.is(1, &["the data has 3 problems", "nothing was written"]);
    ran.is(1, &told.iter().map(|cell| cell.as_str()).collect::<Vec<_>>());
    // Corrected in what LibreOffice saved, and saved as its own format.
    let good = cells(desk, "mei.xlsx", &[("figure.value", "40"), ("period", "2021-05"), ("figure.unit", "COUNT")]);
    type_in(desk, office, ("mei-fout.xlsx", "mei-goed.ods", "calc8"), &good);
    desk.import(&["mei-goed.ods"]).is(0, &["COMMITTED", "1 created, 0 updated"]);
    desk.import(&["mei-goed.ods"]).is(0, &["UNCHANGED", "0 created, 0 updated"]);
}

/// Python of the system, which has the bridge to LibreOffice that its package brings.
const PYTHON: &str = "/usr/bin/python3";

/// The cells of the first free row of the observations, by their columns, with what is to be typed into each.
fn cells(desk: &Desk, file: &str, row: &[(&str, &str)]) -> Vec<String> {
    let read = format!(
        "import openpyxl
sheet = openpyxl.load_workbook('{file}')['observations']
print(' '.join(cell.value + '=' + cell.column_letter + str(sheet.max_row + 1) for cell in sheet[1] if cell.value))"
    );
    let ran = python().unwrap().arg("-c").arg(read).current_dir(desk.folder.path()).output().unwrap();
    let columns = String::from_utf8(ran.stdout).unwrap();
    let cell = |name: &str| {
        let found = columns.split_whitespace().find_map(|it| it.strip_prefix(name)?.strip_prefix('='));
        found.unwrap_or_else(|| panic!("no {name} in {columns}"))
    };
    row.iter().map(|(name, text)| format!("{}={text}", cell(name))).collect()
}

/// Opens a workbook in LibreOffice, types into cells of its observations, and saves it under another name.
fn type_in(desk: &Desk, office: &str, (from, to, filter): (&str, &str, &str), cells: &[String]) {
    const SCRIPT: &str = "
import os, sys, time, uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
def of(name, value):
    it = PropertyValue()
    it.Name, it.Value = name, value
    return it
pipe, source, target, form, *cells = sys.argv[1:]
url = uno.systemPathToFileUrl
resolver = uno.getComponentContext().ServiceManager.createInstance('com.sun.star.bridge.UnoUrlResolver')
end = time.time() + 120
while True:
    try:
        context = resolver.resolve(f'uno:pipe,name={pipe};urp;StarOffice.ComponentContext')
        break
    except NoConnectException:
        if time.time() > end:
            raise
        time.sleep(.1)
desktop = context.ServiceManager.createInstanceWithContext('com.sun.star.frame.Desktop', context)
book = desktop.loadComponentFromURL(url(source), '_blank', 0, (of('Hidden', True),))
for cell in cells:
    name, text = cell.split('=', 1)
    # As it is typed: LibreOffice says what it is.
    book.Sheets.getByName('observations').getCellRangeByName(name).setFormula(text)
book.storeToURL(url(target), (of('FilterName', form),))
book.close(True)
try:
    desktop.terminate()
finally:
    # The bridge to a program that ends may take this one with it.
    os._exit(0)
";
    let folder = desk.folder.path();
    let pipe = format!("boordtabel-{}-{}", std::process::id(), to.replace('.', "-"));
    let mut running = Command::new(office)
        .arg(format!("-env:UserInstallation=file://{}/profile", folder.display()))
        .args(["--headless", "--norestore", &format!("--accept=pipe,name={pipe};urp;")])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let paths = [folder.join(from), folder.join(to)];
    let ran = Command::new(PYTHON).args(["-c", SCRIPT, &pipe]).args(paths).arg(filter).args(cells).output().unwrap();
    let _ = running.wait();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

/// The same, as its scripts name it.
const EXCEL_FILTER: &str = "Calc MS Excel 2007 XML";
/// Excel's form, as LibreOffice names it.
const EXCEL: &str = "xlsx:Calc MS Excel 2007 XML";
