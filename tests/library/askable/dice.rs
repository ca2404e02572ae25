//! Chance that is the same for a seed.

/// Numbers by chance, the same for a seed.
pub struct Dice(pub u64);

impl Dice {
    /// A number below that one.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).unwrap()
    }
}
