//! Arithmetic that is exact or says that it cannot be.
//!
//! A [`Decimal`] holds 28 digits. Its own operators panic when a result is too large, and its checked ones round one that is too
//! long, without a word. These do neither.

use rust_decimal::Decimal;

/// The sum of two numbers; none when it has more digits than a decimal holds.
pub fn add(a: Decimal, b: Decimal) -> Option<Decimal> {
    // Without zeros at the end fewer digits do; with them the sum shows as many decimals as its parts.
    sum(a, b).or_else(|| sum(a.normalize(), b.normalize()))
}

/// The difference of two numbers; none when it has more digits than a decimal holds.
pub fn sub(a: Decimal, b: Decimal) -> Option<Decimal> {
    add(a, -b)
}

fn sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = a.scale().max(b.scale());
    let whole = |value: Decimal| 10_i128.checked_pow(scale - value.scale())?.checked_mul(value.mantissa());
    decimal(whole(a)?.checked_add(whole(b)?)?, scale)
}

/// The product of two numbers; none when it has more digits than a decimal holds.
pub fn mul(a: Decimal, b: Decimal) -> Option<Decimal> {
    if a.is_zero() || b.is_zero() {
        return Some(Decimal::ZERO);
    }
    let plain = a.mantissa().checked_mul(b.mantissa()).and_then(|product| decimal(product, a.scale() + b.scale()));
    plain.or_else(|| {
        let (mut a, mut b, mut scale) = (a.mantissa(), b.mantissa(), a.scale() + b.scale());
        // All zeros that the product would end with are left out of its parts: then it has no more digits than it must.
        for (two, five) in [(2, 5), (5, 2), (10, 1), (1, 10)] {
            while scale > 0 && a % two == 0 && b % five == 0 {
                (a, b, scale) = (a / two, b / five, scale - 1);
            }
        }
        decimal(a.checked_mul(b)?, scale)
    })
}

/// A whole number with its decimals, without zeros at the end where it would be too long with them.
fn decimal(mut whole: i128, mut scale: u32) -> Option<Decimal> {
    loop {
        match Decimal::try_from_i128_with_scale(whole, scale) {
            Ok(value) => return Some(value),
            Err(_) if scale > 0 && whole % 10 == 0 => (whole, scale) = (whole / 10, scale - 1),
            Err(_) => return None,
        }
    }
}

/// Half a unit of the last of so many decimals. Of more than 27 it cannot be written: then it is a whole unit of the 28th.
pub fn half_unit(decimals: u32) -> Decimal {
    if decimals < Decimal::MAX_SCALE { Decimal::new(5, decimals + 1) } else { Decimal::new(1, Decimal::MAX_SCALE) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Numbers of all sizes: short and long ones, those at the edges, those with many zeros.
    pub fn extreme() -> impl Strategy<Value = Decimal> {
        let any = (any::<u128>(), 0..=96u32, 0..=28u32, any::<bool>()).prop_map(|(digits, bits, scale, negative)| {
            let whole = i128::try_from(digits >> 32 >> (96 - bits)).unwrap();
            Decimal::from_i128_with_scale(if negative { -whole } else { whole }, scale)
        });
        let zeros = (1..1_000i128, 0..=25u32, 0..=28u32)
            .prop_map(|(digits, zeros, scale)| Decimal::from_i128_with_scale(digits * 10_i128.pow(zeros), scale));
        let edges = prop::sample::select(vec![
            Decimal::MAX,
            Decimal::MIN,
            Decimal::ZERO,
            Decimal::ONE,
            Decimal::new(1, 28),
            Decimal::from_i128_with_scale(Decimal::MAX.mantissa(), 28),
        ]);
        prop_oneof![any, zeros, edges]
    }

    /// A number as digits at so many decimals, and whether it is negative: by long arithmetic on paper.
    fn digits(value: Decimal, decimals: usize) -> (bool, Vec<u8>) {
        let mut digits: Vec<u8> = value.mantissa().unsigned_abs().to_string().bytes().map(|byte| byte - b'0').collect();
        digits.extend(std::iter::repeat_n(0, decimals - value.scale() as usize));
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        (value.is_sign_negative() && !value.is_zero(), digits.split_off(zeros))
    }

    fn multiplied(a: &[u8], b: &[u8]) -> Vec<u8> {
        let mut product = vec![0_u32; a.len() + b.len()];
        for (at_a, digit_a) in a.iter().rev().enumerate() {
            for (at_b, digit_b) in b.iter().rev().enumerate() {
                product[at_a + at_b] += u32::from(*digit_a) * u32::from(*digit_b);
            }
        }
        let mut carry = 0;
        let mut digits: Vec<u8> = product
            .into_iter()
            .map(|digit| {
                let sum = digit + carry;
                carry = sum / 10;
                u8::try_from(sum % 10).unwrap()
            })
            .collect();
        while digits.last() == Some(&0) {
            digits.pop();
        }
        digits.reverse();
        digits
    }

    /// Whether a number with these digits at so many decimals fits into a decimal.
    fn fits(digits: &[u8], decimals: usize) -> bool {
        let zeros = digits.iter().rev().take_while(|digit| **digit == 0).count().min(decimals);
        let (digits, decimals) = (&digits[..digits.len() - zeros], decimals - zeros);
        let text: String = digits.iter().map(u8::to_string).collect();
        decimals <= 28 && (text.is_empty() || text.parse::<u128>().is_ok_and(|whole| whole < 1 << 96))
    }

    proptest! {
        #[test]
        fn a_sum_is_exact_or_there_is_none(a in extreme(), b in extreme()) {
            match add(a, b) {
                // Taken away again, one leaves the other.
                Some(sum) => {
                    prop_assert_eq!(sub(sum, a), Some(b));
                    prop_assert_eq!(sub(sum, b), Some(a));
                    prop_assert_eq!(Some(sum), a.checked_add(b));
                }
                // Its own arithmetic rounds, or has nothing either.
                None => prop_assert!(a.checked_add(b).is_none_or(|sum| sub(sum, a) != Some(b) || sub(sum, b) != Some(a))),
            }
        }

        #[test]
        fn a_product_is_exact_or_there_is_none(a in extreme(), b in extreme()) {
            let exact = multiplied(&digits(a, 28).1, &digits(b, 28).1);
            match mul(a, b) {
                Some(product) => {
                    prop_assert_eq!(digits(product, 56).1, exact);
                    prop_assert_eq!(product.is_sign_negative() && !product.is_zero(), digits(a, 28).0 != digits(b, 28).0 && !product.is_zero());
                }
                None => prop_assert!(!fits(&exact, 56), "{} * {}", a, b),
            }
        }

        #[test]
        fn half_a_unit_rounds_to_the_last_digit(decimals in 0..=28u32) {
            let half = half_unit(decimals);
            prop_assert!(half > Decimal::ZERO && half <= Decimal::new(1, decimals));
        }
    }

    #[test]
    fn as_many_decimals_as_the_parts_have() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        for (sum, parts) in [("3.00", ["1.00", "2.0"]), ("0.0", ["1.5", "-1.5"])] {
            assert_eq!(add(number(parts[0]), number(parts[1])).map(|sum| sum.to_string()), Some(sum.to_owned()));
        }
        assert_eq!(add(number("10000000000000000000000000000"), number("0.0000000000000000000000000001")), None);
        assert_eq!(mul(number("2246"), number("2821.5")).map(|it| it.to_string()), Some("6337089.0".into()));
    }
}
