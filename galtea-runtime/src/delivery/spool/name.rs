//! Names of batch files: all that must be known of a batch before it is read.

use std::ffi::OsStr;
use std::fmt;
use std::time::{Duration, SystemTime};

/// Names sort by age, as text and here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    /// Milliseconds since the Unix epoch.
    made: u64,
    pub(super) owner: u64,
    number: u64,
    pub(super) traces: usize,
    pub(super) lane: u64,
}

impl Name {
    pub(super) fn new(now: SystemTime, owner: u64, number: u64, traces: usize, lane: u64) -> Self {
        let made = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { made: u64::try_from(made.as_millis()).unwrap_or(u64::MAX), owner, number, traces, lane }
    }

    pub(super) fn parse(file: &OsStr) -> Option<Self> {
        Self::parse_with(file, ".json")
    }

    pub(super) fn parse_unfinished(file: &OsStr) -> Option<Self> {
        Self::parse_with(file, ".tmp")
    }

    /// Only the very spelling that is written here is taken: another file's name may come close.
    fn parse_with(file: &OsStr, extension: &str) -> Option<Self> {
        let text = file.to_str()?.strip_suffix(extension)?;
        let mut parts = text.split('-');
        let mut number = |radix| u64::from_str_radix(parts.next()?, radix).ok();
        let name = Self {
            made: number(10)?,
            owner: number(16)?,
            number: number(10)?,
            traces: usize::try_from(number(10)?).ok().filter(|traces| *traces > 0)?,
            lane: number(16)?,
        };
        let spelled = name.to_string();
        (spelled.strip_suffix(".json") == Some(text)).then_some(name)
    }

    pub(super) fn made(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(self.made)).unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { made, owner, number, traces, lane } = self;
        write!(f, "{made:014}-{owner:016x}-{number:08}-{traces}-{lane:016x}.json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_names_are_not_taken_for_batches() {
        let good = "01762493516000-3f2a9c1e5b7d8e90-00000001-12-9a8b7c6d5e4f3a2b.json";
        assert!(Name::parse(good.as_ref()).is_some());
        let wrong = [
            "package.json",
            "01762493516000-3F2A9C1E5B7D8E90-00000001-12-9a8b7c6d5e4f3a2b.json",
            "+1762493516000-3f2a9c1e5b7d8e90-00000001-12-9a8b7c6d5e4f3a2b.json",
            "01762493516000-3f2a9c1e5b7d8e90-00000001-12.json",
            "01762493516000-3f2a9c1e5b7d8e90-00000001-0-9a8b7c6d5e4f3a2b.json",
            "01762493516000-3f2a9c1e5b7d8e90-00000001-12-9a8b7c6d5e4f3a2b-x.json",
            "01762493516000-3f2a9c1e5b7d8e90-00000001-12-9a8b7c6d5e4f3a2b.json.bak",
        ];
        for name in wrong {
            assert_eq!(Name::parse(name.as_ref()), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_name_is_read_back(made: u64, owner: u64, number: u64, traces in 1..usize::MAX, lane: u64) {
            let name = Name { made, owner, number, traces, lane };
            prop_assert_eq!(Name::parse(name.to_string().as_ref()), Some(name));
        }
    }
}
