//! Pictures of figures, drawn from places of the answer, beside the table that has the same figures.

mod bars;
mod lines;
mod map;
mod shown;
