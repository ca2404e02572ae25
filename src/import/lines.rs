//! Which row stood in which line of what was sent.

/// Which row stood in which line: lines without a row are few.
#[derive(Debug, Default)]
pub struct Numbers {
    /// The rows from which on the numbers go on one by one, and their lines.
    from: Vec<(u32, u32)>,
    /// The lines that do not read and became no row, as stretches from first to last.
    left_out: Vec<(u32, u32)>,
    /// Whether the last row was left out: whatever lines without a row stand between, the stretch goes on.
    goes_on: bool,
    /// How many rows were left out.
    untold: u64,
}

/// What a stretch takes.
const STRETCH_BYTES: usize = 2 * size_of::<(u32, u32)>();

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Numbers {
    /// The line of the next row; tells how many bytes it takes to remember it.
    pub fn push(&mut self, row: usize, line: usize) -> usize {
        self.goes_on = false;
        let (row, line) = (small(row), small(line));
        if self.from.last().is_some_and(|(first, at)| at + (row - first) == line) {
            return 0;
        }
        self.from.push((row, line));
        STRETCH_BYTES
    }

    /// The line of a row that does not read and is left out; tells how many bytes it takes to remember it.
    pub fn leave_out(&mut self, line: usize) -> usize {
        self.untold += 1;
        let line = small(line);
        match self.left_out.last_mut() {
            Some((_, last)) if self.goes_on => {
                *last = line;
                0
            }
            _ => {
                self.goes_on = true;
                self.left_out.push((line, line));
                STRETCH_BYTES
            }
        }
    }

    /// The first line that was left out.
    pub fn first_left_out(&self) -> Option<usize> {
        self.left_out.first().map(|(first, _)| *first as usize)
    }

    /// How many rows were left out.
    pub fn left_out(&self) -> u64 {
        self.untold
    }

    /// The line of a row.
    pub fn line(&self, row: usize) -> usize {
        let at = self.from.partition_point(|(first, _)| *first as usize <= row).saturating_sub(1);
        self.from.get(at).map_or(row + 1, |(first, line)| *line as usize + (row - *first as usize))
    }

    /// How many rows became none, but for the one that stands for them.
    pub fn untold(&self) -> u64 {
        self.untold.saturating_sub(1)
    }

    /// The lines of those rows and of those that were left out, as stretches from first to last.
    pub fn stretches(&self, rows: impl Iterator<Item = usize>) -> Vec<(u32, u32)> {
        let mut all = self.left_out.clone();
        for line in rows.map(|row| small(self.line(row))) {
            match all.last_mut() {
                Some((_, last)) if *last + 1 == line => *last = line,
                _ => all.push((line, line)),
            }
        }
        all.sort_unstable();
        all.dedup_by(|next, before| {
            let joins = before.1.saturating_add(1) >= next.0;
            if joins {
                before.1 = before.1.max(next.1);
            }
            joins
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_join_over_lines_without_rows() {
        let mut numbers = Numbers::default();
        // Rows in the lines 1, 2 and 4; 6, 8 and 9 do not read; 10 is a row; 12 does not read.
        for (row, line) in [1, 2, 4].into_iter().enumerate() {
            numbers.push(row, line);
        }
        let grown: Vec<usize> = [6, 8, 9].into_iter().map(|line| numbers.leave_out(line)).collect();
        assert_eq!(grown, [STRETCH_BYTES, 0, 0]);
        numbers.push(3, 10);
        numbers.leave_out(12);
        assert_eq!([0, 1, 2, 3].map(|row| numbers.line(row)), [1, 2, 4, 10]);
        assert_eq!((numbers.first_left_out(), numbers.left_out(), numbers.untold()), (Some(6), 4, 3));
        assert_eq!(numbers.stretches([1, 2, 3].into_iter()), [(2, 2), (4, 4), (6, 10), (12, 12)]);
        assert_eq!(Numbers::default().stretches([0, 1].into_iter()), [(1, 2)]);
    }
}
