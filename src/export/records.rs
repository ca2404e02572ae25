//! The records of a register that go out, as tables and lines of text, a piece at a time.

use std::sync::Arc;

use super::cell::{cells, columns};
use super::choice::Choice;
use super::csv::{self, Csv};
use super::rows::Rows;
use super::values::Computed;
use crate::import::to_json::row_json;
use crate::model::{Kind, Type};
use crate::register::{Node, Register};

/// About how many bytes are made at a time.
pub(super) const PIECE_BYTES: usize = 64 * 1024;

/// An export of a register.
#[derive(Clone)]
pub struct Export {
    /// From where.
    pub register: Arc<Register>,
    /// What and how.
    pub choice: Choice,
    /// Which records of the one kind, in which order; all, in the document's order, where nothing is said.
    pub listed: Option<Arc<[Arc<Node>]>>,
    /// The computed values that go out in place of records.
    pub computed: Option<Computed>,
}

impl Export {
    /// The records that go out, in their order.
    pub(super) fn rows(&self) -> Rows {
        match &self.listed {
            Some(nodes) => Rows::listed(Arc::clone(nodes)),
            None => Rows::all(Arc::clone(&self.register), &self.choice.kinds),
        }
    }

    /// How many records, or values, go out.
    pub fn records(&self) -> usize {
        if let Some(computed) = &self.computed {
            return computed.count();
        }
        match &self.listed {
            Some(nodes) => nodes.len(),
            None => self.choice.kinds.iter().map(|kind| self.register.count(*kind)).sum(),
        }
    }

    /// How many records of that kind go out.
    pub(super) fn count(&self, kind: Kind) -> usize {
        self.listed.as_ref().map_or_else(|| self.register.count(kind), |nodes| nodes.len())
    }

    /// The same, of one kind alone.
    pub(super) fn of(&self, kind: Kind) -> Self {
        Self { choice: self.choice.of(kind), ..self.clone() }
    }

    /// The one kind as CSV.
    pub(super) fn csv(&self) -> impl Iterator<Item = Vec<u8>> + Send + use<> {
        let kind = self.choice.kinds.first().copied();
        let sources = self.choice.sources;
        let columns = kind.map_or_else(Vec::new, |kind| columns(kind, sources));
        let decimals = columns.iter().any(|column| matches!(column.ty, Type::Decimal));
        let sure = !decimals || self.rows().any(|node| csv::tells(&cells(&node.record, sources)));
        let mut csv = Csv::new(self.choice.dialect, sure);
        let mut header = Vec::new();
        csv.header(columns.iter().map(|column| column.path.as_str()), &mut header);
        pieces(header, self.rows(), move |node, out| csv.row(&cells(&node.record, sources), out))
    }

    /// A record a line, as JSON.
    pub(super) fn json_lines(&self) -> impl Iterator<Item = Vec<u8>> + Send + use<> {
        pieces(Vec::new(), self.rows(), |node, out| {
            serde_json::to_writer(&mut *out, &row_json(&node.record)).expect("a Vec takes everything");
            out.push(b'\n');
        })
    }
}

/// The bytes at the beginning, then those of each row.
fn pieces(
    header: Vec<u8>,
    mut rows: Rows,
    mut write: impl FnMut(&Node, &mut Vec<u8>) + Send,
) -> impl Iterator<Item = Vec<u8>> + Send {
    let mut header = Some(header);
    std::iter::from_fn(move || {
        let mut piece = header.take().unwrap_or_default();
        while piece.len() < PIECE_BYTES {
            let Some(node) = rows.next() else { break };
            write(&node, &mut piece);
        }
        (!piece.is_empty()).then_some(piece)
    })
}
