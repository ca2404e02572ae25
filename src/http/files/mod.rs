//! What is not asked in GraphQL: imports in bulk, exports, pages.

pub mod docs;
pub mod export;
pub mod import;
pub mod pages;
pub mod site;
