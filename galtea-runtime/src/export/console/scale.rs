//! Durations as text, and as bars on an axis.

use std::time::{Duration, SystemTime};

const UNITS: [(&str, u128, u128); 3] =
    [("µs", 1_000, 1_000), ("ms", 1_000_000, 1_000), ("s", 1_000_000_000, 60)];

/// Three digits and a unit: `820 ns`, `12.3 ms`, `1.84 s`; from a minute on `2m 05s` and `1h 02m`.
pub(super) fn duration(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    if nanos < 1_000 {
        return format!("{nanos} ns");
    }
    let short = UNITS.iter().find_map(|&(unit, size, limit)| {
        let digits = three_digits(nanos, size, limit)?;
        Some(format!("{digits} {unit}"))
    });
    short.unwrap_or_else(|| minutes(rounded(nanos, 1_000_000_000)))
}

/// `None` where the value, once rounded, belongs to the next unit: 999.7 µs are 1.00 ms.
fn three_digits(nanos: u128, unit: u128, limit: u128) -> Option<String> {
    let hundredths = rounded(nanos * 100, unit);
    let tenths = rounded(nanos * 10, unit);
    let whole = rounded(nanos, unit);
    if hundredths < 1_000 {
        Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
    } else if tenths < 1_000 && tenths < limit * 10 {
        Some(format!("{}.{}", tenths / 10, tenths % 10))
    } else {
        (tenths >= 1_000 && whole < limit).then(|| whole.to_string())
    }
}

fn minutes(seconds: u128) -> String {
    if seconds < 3_600 {
        return format!("{}m {:02}s", seconds / 60, seconds % 60);
    }
    let minutes = rounded(seconds, 60);
    format!("{}h {:02}m", minutes / 60, minutes % 60)
}

fn rounded(value: u128, unit: u128) -> u128 {
    (value + unit / 2) / unit
}

/// The stretch of time that the drawing shows.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    from: SystemTime,
    span: Duration,
}

impl Axis {
    /// The shortest axis that holds all of these stretches.
    pub(super) fn around(stretches: impl Iterator<Item = (SystemTime, Duration)>) -> Self {
        let (mut from, mut to) = (None, None);
        for (start, length) in stretches {
            let end = start.checked_add(length).unwrap_or(start);
            from = Some(from.map_or(start, |from: SystemTime| from.min(start)));
            to = Some(to.map_or(end, |to: SystemTime| to.max(end)));
        }
        let from = from.unwrap_or(SystemTime::UNIX_EPOCH);
        Self { from, span: to.map_or(Duration::ZERO, |to| since(from, to)) }
    }

    pub(super) fn from(&self) -> SystemTime {
        self.from
    }

    pub(super) fn span(&self) -> Duration {
        self.span
    }

    /// The bar of one stretch, `cells` wide. Its ends are right to half a cell; no duration at all is a point.
    pub(super) fn bar(&self, start: SystemTime, length: Duration, cells: usize) -> String {
        let offset = since(self.from, start);
        if length.is_zero() {
            let place = self.position(offset, cells, Round::Down).min(cells.saturating_sub(1));
            return (0..cells).map(|cell| if cell == place { '•' } else { ' ' }).collect();
        }
        let halves = cells * 2;
        let from = self.position(offset, halves, Round::Down).min(halves.saturating_sub(1));
        let to = self.position(offset.saturating_add(length), halves, Round::Up).max(from + 1);
        let covered = |half| (from..to).contains(&half);
        (0..cells).map(|cell| glyph(covered(2 * cell), covered(2 * cell + 1))).collect()
    }

    fn position(&self, offset: Duration, steps: usize, round: Round) -> usize {
        let span = self.span.as_nanos().max(1);
        let scaled = offset.as_nanos().saturating_mul(steps as u128);
        let position = match round {
            Round::Down => scaled / span,
            Round::Up => scaled.div_ceil(span),
        };
        usize::try_from(position).unwrap_or(steps).min(steps)
    }
}

#[derive(Clone, Copy)]
enum Round {
    Down,
    Up,
}

fn glyph(left: bool, right: bool) -> char {
    match (left, right) {
        (true, true) => '━',
        (true, false) => '╸',
        (false, true) => '╺',
        (false, false) => ' ',
    }
}

pub(super) fn since(from: SystemTime, to: SystemTime) -> Duration {
    to.duration_since(from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos)
    }

    fn bar(axis: u64, start: u64, length: u64, cells: usize) -> String {
        let axis = Axis::around([(at(0), Duration::from_nanos(axis))].into_iter());
        axis.bar(at(start), Duration::from_nanos(length), cells)
    }

    #[test]
    fn durations_have_three_digits_and_the_unit_that_fits() {
        let cases = [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1.00 µs"),
            (12_340, "12.3 µs"),
            (999_400, "999 µs"),
            (999_600, "1.00 ms"),
            (9_995_000, "10.0 ms"),
            (99_960_000, "100 ms"),
            (1_840_000_000, "1.84 s"),
            (59_940_000_000, "59.9 s"),
            (59_960_000_000, "1m 00s"),
            (125_000_000_000, "2m 05s"),
            (3_720_000_000_000, "1h 02m"),
        ];
        for (nanos, text) in cases {
            assert_eq!(duration(Duration::from_nanos(nanos)), text, "{nanos}");
        }
    }

    #[test]
    fn a_bar_covers_its_part_of_the_axis_to_half_a_cell() {
        assert_eq!(bar(80, 0, 80, 4), "━━━━");
        assert_eq!(bar(80, 20, 40, 4), " ━━ ");
        assert_eq!(bar(80, 10, 30, 4), "╺━  ");
        assert_eq!(bar(80, 10, 20, 4), "╺╸  ");
        assert_eq!(bar(80, 70, 10, 4), "   ╺");
    }

    #[test]
    fn what_is_shorter_than_half_a_cell_is_still_seen() {
        assert_eq!(bar(8_000, 0, 1, 4), "╸   ");
        assert_eq!(bar(8_000, 7_999, 1, 4), "   ╺");
    }

    #[test]
    fn what_has_no_duration_is_a_point() {
        assert_eq!(bar(80, 0, 0, 4), "•   ");
        assert_eq!(bar(80, 45, 0, 4), "  • ");
        assert_eq!(bar(80, 80, 0, 4), "   •");
        assert_eq!(bar(0, 0, 0, 4), "•   ");
    }
}
