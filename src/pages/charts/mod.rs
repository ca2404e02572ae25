//! Pictures of figures, drawn from places of the answer, beside the table that has the same figures.

mod bars;
pub mod drawing;
mod lines;
mod map;
mod shown;
