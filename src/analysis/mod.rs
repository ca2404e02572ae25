//! Pure functions over a register.

pub mod attainment;
pub mod citations;
pub mod comparison;
pub mod computed;
pub mod formula;
pub mod rollover;
pub mod trend;
pub mod walk;
