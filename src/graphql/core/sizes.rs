//! How large a schema is.

/// How large a schema is: how many types, and on average how many parts they have and how many bytes are said of them.
#[derive(Debug)]
pub struct Sizes {
    /// Types.
    pub types: f64,
    /// Fields of a type.
    pub fields: f64,
    /// Arguments of a field.
    pub args: f64,
    /// Input fields of a type.
    pub inputs: f64,
    /// Words of a type.
    pub words: f64,
    /// What a type has that refers to others may be any: about as many parts as a type of a register has.
    pub largest: f64,
    /// Bytes that are said of a type.
    pub of_types: f64,
    /// Of a field.
    pub of_fields: f64,
    /// Of an argument, an input field or a word.
    pub of_others: f64,
}
