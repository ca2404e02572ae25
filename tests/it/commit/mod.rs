//! The data folder: what is acknowledged stays, what is damaged is told, and an operator can get every register back.

mod drill;
mod kills;
pub mod old_folder;
mod power;
mod spoilt;
mod stops;
