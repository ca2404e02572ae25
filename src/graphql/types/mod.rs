//! The types of the graph with their resolvers: records and what is computed of them, lists, history, search.

pub mod commits;
pub mod computed;
pub mod connection;
pub mod discrepancies;
pub mod discrepancy_groups;
pub mod figures;
pub mod filter;
pub mod group;
pub mod grouping;
pub mod having;
pub mod history;
pub mod page;
pub mod plans;
pub mod query;
pub mod record;
pub mod search;
mod source;
pub mod summed;

mod value_dimensions;
pub mod value_groups;
pub mod values;
pub mod viewer;
