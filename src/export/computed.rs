//! Lists of computed values as files: for reading, because what is computed follows from the records and is not imported.

use std::fs::File;

use super::cell::{Cell, cells_of, columns_of};
use super::csv::{self, Csv};
use super::error::ExportError;
use super::records::{Export, PIECE_BYTES};
use super::values::Computed;
use super::xlsx::{ROWS_MAX, write_table};
use crate::import::to_json::ValueJson;
use crate::model::value::AnyComposite;
use crate::model::{Type, View};

/// A value a line, as CSV: the columns are the fields of the values.
pub(super) fn csv(export: &Export, values: &Computed) -> impl Iterator<Item = Vec<u8>> + Send + use<> {
    let sources = export.choice.sources;
    let columns = export.choice.listing.map_or_else(Vec::new, |listing| columns_of(listing.info(), sources));
    let decimals = columns.iter().any(|column| matches!(column.ty, Type::Decimal));
    let sure = !decimals || values.all().any(|it| csv::tells(&cells_of(it, sources)));
    let mut csv = Csv::new(export.choice.dialect, sure);
    let mut header = Vec::new();
    csv.header(columns.iter().map(|column| column.path.as_str()), &mut header);
    pieces(values.clone(), header, move |value, out| csv.row(&cells_of(value, sources), out))
}

/// A value a line, as JSON.
pub(super) fn json_lines(values: &Computed) -> impl Iterator<Item = Vec<u8>> + Send + use<> {
    pieces(values.clone(), Vec::new(), |value, out| {
        serde_json::to_writer(&mut *out, &ValueJson(View::Composite(value))).expect("a Vec takes everything");
        out.push(b'\n');
    })
}

/// A workbook of one sheet.
pub(super) fn workbook(export: &Export, values: &Computed, file: &mut File) -> Result<(), ExportError> {
    let Some(listing) = export.choice.listing else { return Ok(()) };
    let (sources, found) = (export.choice.sources, values.count());
    if found >= ROWS_MAX {
        return Err(ExportError::TooManyRows { kind: listing.word(), limit: ROWS_MAX - 1, found });
    }
    let names: Vec<String> = columns_of(listing.info(), sources).into_iter().map(|column| column.path).collect();
    let rows = |write: &mut dyn FnMut(&[Cell<'_>])| values.all().for_each(|it| write(&cells_of(it, sources)));
    write_table(listing.word(), &names, rows, export.register.committed_at_ms(), file)
}

/// The bytes at the beginning, then those of each value.
fn pieces<W: FnMut(&dyn AnyComposite, &mut Vec<u8>) + Send>(
    values: Computed,
    header: Vec<u8>,
    mut write: W,
) -> impl Iterator<Item = Vec<u8>> + Send + use<W> {
    let (mut header, mut next) = (Some(header), 0);
    std::iter::from_fn(move || {
        let mut piece = header.take().unwrap_or_default();
        while piece.len() < PIECE_BYTES {
            let Some(value) = values.get(next) else { break };
            next += 1;
            write(value, &mut piece);
        }
        (!piece.is_empty()).then_some(piece)
    })
}
