//! What is computed of a register once and kept with it: a value for each type that somebody asked for.

use std::any::{Any, TypeId};
use std::sync::OnceLock;

use crate::work;

/// The values kept: a chain that only grows, so that what is in it can be lent out.
#[derive(Default)]
pub struct Memo(OnceLock<Box<Slot>>);

/// The value of a type. Its place is taken before it is made, so that making it may ask for values of other types.
struct Slot {
    of: TypeId,
    value: OnceLock<Box<dyn Any + Send + Sync>>,
    next: Memo,
}

impl Memo {
    /// The value of that type, made when there is none yet. Making one may ask for others, as long as none needs itself.
    pub fn get<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> &T {
        let of = TypeId::of::<T>();
        let mut memo = self;
        loop {
            let slot = memo.0.get_or_init(|| Box::new(Slot { of, value: OnceLock::new(), next: Self::default() }));
            if slot.of == of {
                if slot.value.get().is_none() {
                    work::long();
                }
                let value = slot.value.get_or_init(|| Box::new(make()));
                return value.downcast_ref().expect("the place is this type's");
            }
            memo = &slot.next;
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

    #[test]
    fn a_value_may_be_made_of_others() {
        let memo = Memo::default();
        let sum = |memo: &Memo| u64::from(*memo.get(|| 1_u8)) + u64::from(*memo.get(|| 2_u16));
        assert_eq!(*memo.get(|| sum(&memo)), 3_u64);
        assert_eq!(*memo.get::<u16>(|| unreachable!("it is kept")), 2);
    }

    #[test]
    fn all_who_wait_get_the_value_that_one_of_them_makes() {
        let memo = Memo::default();
        let made = std::sync::atomic::AtomicU32::new(0);
        let count = || made.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    memo.get(|| u64::from(*memo.get(count)));
                    memo.get(|| i64::from(*memo.get(count)));
                });
            }
        });
        assert_eq!(made.into_inner(), 1, "one value of its type, whoever needs it");
    }
}
