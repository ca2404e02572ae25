//! Pure functions over a register.

pub mod article;
pub mod attainment;
pub mod budget;
pub mod citations;
pub mod comparison;
pub mod computed;
pub mod formula;
pub mod rollover;
pub mod trend;
pub mod walk;
