//! Pure functions over a register.

pub mod citations;
