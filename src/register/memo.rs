//! What is computed of a register once and kept with it: a value for each type that somebody asked for.

use std::any::Any;
use std::sync::OnceLock;

use crate::work;

/// The values kept: a chain that only grows, so that what is in it can be lent out.
#[derive(Default)]
pub struct Memo(OnceLock<(Box<dyn Any + Send + Sync>, Box<Memo>)>);

impl Memo {
    /// The value of that type, made when there is none yet.
    pub fn get<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> &T {
        let mut make = Some(make);
        let mut memo = self;
        loop {
            if memo.0.get().is_none() {
                work::long();
            }
            let (value, next) = memo.0.get_or_init(|| {
                let make = make.take().expect("the chain ends where the value is made");
                (Box::new(make()), Box::default())
            });
            match value.downcast_ref() {
                Some(value) => return value,
                None => memo = next,
            }
        }
    }
}

/// A register that is copied is about to change: what was computed of it holds no more.
impl Clone for Memo {
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_a_value_for_each_type() {
        let memo = Memo::default();
        assert_eq!(*memo.get(|| 1_u8), 1);
        assert_eq!(*memo.get(|| "two".to_owned()), "two");
        assert_eq!(*memo.get::<u8>(|| unreachable!("it is kept")), 1);
        assert_eq!(*memo.get::<String>(|| unreachable!("it is kept")), "two");
        assert_eq!(*memo.clone().get(|| 3_u8), 3);
    }
}
