//! Pure functions over a register.

pub mod article;
pub mod askable;
pub mod attainment;
pub mod budget;
pub mod citations;
pub mod comparison;
pub mod computed;
pub mod coverage;
pub mod formula;
pub mod inspection;
pub mod judge;
pub mod line;
pub mod milestone;
pub mod orphans;
pub mod pairs;
pub mod reconcile;
pub mod rename;
pub mod report;
pub mod rollover;
pub mod rules;
pub mod series;
pub mod staff;
pub mod target;
pub mod total;
pub mod trend;
pub mod walk;
