use super::*;

fn marked(content: &str, marks: &[(u32, u32)]) -> String {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("content.xml", SimpleFileOptions::default()).unwrap();
    zip.write_all(content.as_bytes()).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    let mark_at =
        |(row, column): &(u32, u32)| Mark { sheet: "s".into(), row: *row, column: *column, text: "a < b".into() };
    let out = mark(&bytes, &marks.iter().map(mark_at).collect::<Vec<_>>()).unwrap();
    let mut archive = ZipArchive::new(Cursor::new(out)).unwrap();
    std::io::read_to_string(archive.by_name("content.xml").unwrap()).unwrap()
}

/// A sheet of one row that stands for three, of a cell that stands for four.
fn sheet(styles: &str) -> String {
    format!(
        "<d>{styles}<office:body><t:table t:name=\"s\"><t:table-column t:number-columns-repeated=\"2\"/>\
         <t:table-column t:default-cell-style-name=\"ce1\"/><t:table-row t:number-rows-repeated=\"3\">\
         <t:table-cell t:number-columns-repeated=\"4\"><x>1</x></t:table-cell></t:table-row></t:table></office:body></d>"
    )
}

#[test]
fn what_is_written_once_for_several_is_written_apart_where_it_is_marked() {
    let styles = "<office:automatic-styles><style:style style:name=\"ce1\" style:family=\"table-cell\" style:data-style-name=\"N2\"/>\
                  </office:automatic-styles>";
    let told = marked(&sheet(styles), &[(2, 2), (2, 5)]);
    let row = |times: u32| format!("<t:table-row t:number-rows-repeated=\"{times}\">");
    let cell = |times: u32| format!("<t:table-cell t:number-columns-repeated=\"{times}\">");
    assert_eq!(told.matches(&row(1)).count(), 3, "{told}");
    assert_eq!(told.matches(&cell(4)).count(), 2, "{told}");
    // Two before, the one, one after; then one that is not there, and the one.
    let middle = told.split(&row(1)).nth(2).unwrap();
    assert_eq!((middle.matches(&cell(2)).count(), middle.matches(&cell(1)).count()), (1, 2), "{middle}");
    assert_eq!(told.matches("a &lt; b").count(), 2);
    // The column's style, its form of numbers too, but coloured; and a plain one.
    assert!(
        middle.contains("t:style-name=\"boordtabel1\"") && middle.contains("t:style-name=\"boordtabel2\""),
        "{middle}"
    );
    let made = told.split("style:data-style-name=\"N2\" style:name=\"boordtabel1\"").nth(1).expect(&told);
    assert!(made.contains("#ffc7ce"), "{told}");
}

#[test]
fn styles_are_made_where_there_are_none_and_nothing_else_is_touched() {
    let told = marked(&sheet(""), &[(1, 0)]);
    assert!(told.contains("boordtabel1") && told.find("automatic-styles") < told.find("office:body"), "{told}");
    let (plain, other) = (sheet("<office:automatic-styles></office:automatic-styles>"), [(9, 0)]);
    assert_eq!(marked(&plain, &other).matches("boordtabel").count(), 0);
}
