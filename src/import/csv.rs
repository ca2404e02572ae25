//! CSV: a row a record, a column a field; the fields of a value inside a record have paths, such as `figure.printed.section`.

use std::borrow::Cow;

use crate::commit::{Edit, PutMode, Source};
use crate::model::problem::nearest;
use crate::model::{CompositeInfo, Kind, Problem, ProblemCode, Problems, Tree, Type};

/// Reads the rows of a file of one kind. Every problem of every row is pushed to `found`.
pub fn read(name: &str, kind: Kind, bytes: &[u8], edits: &mut Vec<Edit>, found: &mut Vec<Problem>) {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let columns = match columns(name, kind, &mut reader) {
        Ok(columns) => columns,
        Err(problems) => return found.extend(problems),
    };
    let mut row = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        let mut problems = Problems::at(name);
        match reader.read_record(&mut row) {
            Ok(false) => return,
            Ok(true) => {
                let line = row.position().map_or(line, csv::Position::line);
                let at = vec![name.to_owned(), format!("line {line}")];
                problems.within(at[1].clone(), |problems| {
                    if row.len() != columns.len() {
                        let message = format!("the row has {} cells, the header {}", row.len(), columns.len());
                        return problems.push(
                            ProblemCode::BadFile,
                            message,
                            "quote cells that hold a comma or a line break",
                        );
                    }
                    let before = problems.len();
                    if let Some(record) = kind.read(&tree(&columns, &row), problems)
                        && problems.len() == before
                    {
                        edits.push(Edit::Put { record, mode: PutMode::Upsert, at: Source(at.clone()) });
                    }
                });
            }
            Err(error) => problems.within(format!("line {line}"), |problems| {
                problems.push(ProblemCode::BadFile, error.to_string(), "save the file as CSV in UTF-8");
            }),
        }
        found.extend(problems.into_vec());
    }
}

/// A column's path.
type Column = Vec<String>;

fn columns(name: &str, kind: Kind, reader: &mut csv::Reader<&[u8]>) -> Result<Vec<Column>, Vec<Problem>> {
    let mut problems = Problems::at(name);
    let mut columns: Vec<Column> = Vec::new();
    problems.within("line 1", |problems| match reader.headers() {
        Err(error) => problems.push(ProblemCode::BadFile, error.to_string(), "save the file as CSV in UTF-8"),
        Ok(headers) => {
            let known = paths(kind);
            for header in headers {
                let header = header.trim();
                problems.within(header, |problems| {
                    if header != "key" && !known.iter().any(|path| path == header) {
                        problems.push_near(
                            ProblemCode::UnknownField,
                            format!("{kind} has no field `{header}`"),
                            "correct the column's name, or remove the column",
                            nearest(header, known.iter().map(String::as_str)),
                        );
                    } else if columns.iter().any(|column| column.join(".") == header) {
                        problems.push(
                            ProblemCode::DuplicateKey,
                            format!("the column `{header}` stands twice"),
                            "remove one of them",
                        );
                    }
                });
                columns.push(header.split('.').map(str::to_owned).collect());
            }
        }
    });
    if problems.is_empty() { Ok(columns) } else { Err(problems.into_vec()) }
}

/// The paths of all fields of a kind, in the order of the model: the columns that its file may have.
pub fn paths(kind: Kind) -> Vec<String> {
    let mut paths = Vec::new();
    add_paths(kind.info(), "", &mut paths);
    paths
}

fn add_paths(info: &CompositeInfo, prefix: &str, paths: &mut Vec<String>) {
    for field in &info.fields {
        let path = format!("{prefix}{}", field.name);
        let mut ty = &field.ty;
        if let Type::Optional(inner) = ty {
            ty = inner;
        }
        match ty {
            Type::Composite(inner) => add_paths(inner(), &format!("{path}."), paths),
            _ => paths.push(path),
        }
    }
}

/// The row as an object: empty cells are absent, and so is a value all of whose cells are empty.
fn tree<'a>(columns: &'a [Column], row: &'a csv::StringRecord) -> Tree<'a> {
    let mut fields = Vec::new();
    for (path, cell) in columns.iter().zip(row) {
        if !cell.is_empty() {
            put(&mut fields, path, cell);
        }
    }
    Tree::Map(fields)
}

fn put<'a>(fields: &mut Vec<(Cow<'a, str>, Tree<'a>)>, path: &'a [String], cell: &'a str) {
    let (name, rest) = path.split_first().expect("a path has at least one step");
    if rest.is_empty() {
        fields.push((Cow::Borrowed(name), Tree::Cell(Cow::Borrowed(cell))));
        return;
    }
    let at = fields.iter().position(|(found, _)| found == name).unwrap_or_else(|| {
        fields.push((Cow::Borrowed(name), Tree::Map(Vec::new())));
        fields.len() - 1
    });
    if let Tree::Map(inner) = &mut fields[at].1 {
        put(inner, rest, cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(kind: Kind, text: &str) -> (Vec<Edit>, Vec<String>) {
        let (mut edits, mut found) = (Vec::new(), Vec::new());
        read("file.csv", kind, text.as_bytes(), &mut edits, &mut found);
        (edits, found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn reads_paths_lists_and_absent_values() {
        let text = "\u{feff}key,planKey,code,scope,title,printed.documentKey,printed.text\n\
                    g1,p,G 1,POLICY,\"Goal, one\",doc,Goal\n\
                    g2,p,G 2,ORGANISATION,Two,,\n";
        let (edits, found) = read_text(Kind::StrategicGoal, text);
        assert_eq!(found, Vec::<String>::new());
        let records: Vec<String> = edits.iter().map(|edit| format!("{edit:?}")).collect();
        assert!(
            records[0].contains("Goal, one") && records[0].contains("document_key: Key(\"doc\")"),
            "{}",
            records[0]
        );
        assert!(records[1].contains("printed: None"), "{}", records[1]);
        let (edits, found) = read_text(
            Kind::Project,
            "key,planKey,scope,number,title,strategicGoalKeys\np1,p,ORGANISATION,1,T,goal-1 | goal-3\n",
        );
        assert_eq!(found, Vec::<String>::new());
        assert!(format!("{edits:?}").contains("strategic_goal_keys: [Key(\"goal-1\"), Key(\"goal-3\")]"));
    }

    #[test]
    fn names_line_and_column_of_every_problem() {
        let (edits, found) =
            read_text(Kind::Plan, "key,organisationKey,year,title\na,o,2O21,T\nb,,2021,T\nc,o,2021\nd,o,2021,T\n");
        assert_eq!(edits.len(), 1);
        assert_eq!(found.len(), 3);
        assert!(found[0].starts_with("file.csv.line 2.year: NOT_A_NUMBER: `2O21`"), "{}", found[0]);
        assert!(found[1].starts_with("file.csv.line 3.organisationKey: MISSING"), "{}", found[1]);
        assert!(found[2].starts_with("file.csv.line 4: BAD_FILE: the row has 3 cells, the header 4"), "{}", found[2]);
    }

    #[test]
    fn an_unknown_column_is_told_once_with_near_names() {
        let (edits, found) = read_text(Kind::Plan, "key,organisationKey,yaer,title\na,o,2021,T\n");
        assert!(edits.is_empty());
        assert_eq!(found, ["file.csv.line 1.yaer: UNKNOWN_FIELD: Plan has no field `yaer` (near: year)"]);
    }

    #[test]
    fn wrong_encodings_are_told_and_lose_nothing() {
        let (mut edits, mut found) = (Vec::new(), Vec::new());
        read(
            "f.csv",
            Kind::Plan,
            b"key,organisationKey,year,title\na,o,2021,caf\xe9\nb,o,2021,fine\n",
            &mut edits,
            &mut found,
        );
        assert_eq!((edits.len(), found.len()), (1, 1));
        assert_eq!(found[0].code, ProblemCode::BadFile);
    }
}
