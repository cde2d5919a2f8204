//! Where the texts and records of traces are, in chunks that never move once they are full.

use std::sync::Arc;

use super::{Late, Lengths, Place, Record, Texts};

/// Text of finished traces is kept in chunks of this many bytes at most, so that a long buffer never has to move.
const TEXT_CHUNK: usize = 32 * 1024;
/// The first chunk is small: most inference results are.
const FIRST_TEXT_CHUNK: usize = 2 * 1024;
/// Past the first chunk, what is still free is at most about this part of all text.
const TEXT_SLACK: usize = 8;
const RECORD_CHUNK: usize = 64;
const FIRST_RECORDS: usize = 8;
/// Room for what nothing is known of.
const LEAST_ROOM: usize = 256;

/// Where in a store, or in one text, something begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextPlace {
    chunk: u32,
    offset: u32,
}

impl TextPlace {
    pub(super) const START: Self = Self { chunk: 0, offset: 0 };

    /// What is written to the end of `text` stands at the place.
    #[inline]
    pub(crate) fn end_of(text: &mut String) -> (&mut String, Self) {
        let offset = u32::try_from(text.len()).unwrap_or(u32::MAX);
        (text, Self { chunk: 0, offset })
    }

    pub(crate) fn offset(self) -> usize {
        self.offset as usize
    }
}

/// An append-only buffer of finished traces, and of the early texts of those that are still open.
#[derive(Debug, Default)]
pub(crate) struct Store {
    texts: Vec<String>,
    text_bytes: usize,
    /// Bytes that the texts of a trace have lately taken in one place.
    lately: usize,
    records: Vec<Vec<Record>>,
    len: usize,
}

impl Store {
    /// `record` says where its texts are.
    #[inline]
    pub(crate) fn push(&mut self, record: Record) {
        let Lengths { input, metadata, output, error, .. } = record.lengths;
        self.lately = input.saturating_add(metadata).max(output.saturating_add(error)) as usize;
        if self.records.last().is_none_or(|chunk| chunk.len() == chunk.capacity()) {
            self.add_record_chunk();
        }
        if let Some(chunk) = self.records.last_mut() {
            chunk.push(record);
        }
        self.len += 1;
    }

    #[cold]
    #[inline(never)]
    fn add_record_chunk(&mut self) {
        let doubled = self.records.last().map_or(FIRST_RECORDS, |chunk| 2 * chunk.capacity());
        self.records.push(Vec::with_capacity(doubled.min(RECORD_CHUNK)));
    }

    /// As [`push`](Self::push), with the texts apart and `record.lengths` filled in too.
    pub(crate) fn push_texts(&mut self, record: Record, texts: &Texts<'_>) {
        let record = Record { lengths: texts.lengths(), came_late: Late::default(), ..record };
        let early = self.keep(&[texts.input, texts.metadata, texts.name]);
        let late = self.keep(&[texts.output, texts.error, texts.description]);
        self.push(Record { early, late, ..record });
    }

    /// `record` with all its texts side by side, the first `early` bytes of them early ones.
    pub(crate) fn push_text(&mut self, record: Record, text: &str, early: usize) {
        let (out, place) = self.tail(text.len());
        out.push_str(text);
        let early_len = u32::try_from(early).unwrap_or(u32::MAX);
        let late = TextPlace { offset: place.offset.saturating_add(early_len), ..place };
        self.push(Record { early: place, late, ..record });
    }

    fn keep(&mut self, texts: &[&str]) -> TextPlace {
        let (out, place) = self.tail(texts.iter().map(|text| text.len()).sum());
        for text in texts {
            out.push_str(text);
        }
        place
    }

    /// [`tail`](Self::tail) for what may be of any length: there is room for as much as there was to write lately, so that
    /// most texts need not move their chunk.
    #[inline]
    pub(crate) fn open_tail(&mut self) -> (&mut String, TextPlace) {
        self.tail(self.lately.clamp(LEAST_ROOM, TEXT_CHUNK))
    }

    /// What is written to the end of this stands at the place. Has room for so many bytes; with more, the chunk has to move.
    #[inline]
    pub(crate) fn tail(&mut self, room: usize) -> (&mut String, TextPlace) {
        if self.texts.last().is_none_or(|chunk| chunk.capacity() - chunk.len() < room) {
            self.add_text_chunk(room);
        }
        let index = self.texts.len() - 1;
        let (chunk, place) = TextPlace::end_of(&mut self.texts[index]);
        (chunk, TextPlace { chunk: u32::try_from(index).unwrap_or(u32::MAX), ..place })
    }

    #[cold]
    #[inline(never)]
    fn add_text_chunk(&mut self, room: usize) {
        self.text_bytes += self.texts.last().map_or(0, String::len);
        let usual = (self.text_bytes / TEXT_SLACK).clamp(FIRST_TEXT_CHUNK, TEXT_CHUNK);
        self.texts.push(String::with_capacity(usual.max(room)));
    }

    pub(super) fn record(&self, (chunk, index): Place) -> &Record {
        &self.records[chunk as usize][index as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// No more will be written: gives back what one large field made the last chunk reserve.
    pub(super) fn seal(&mut self) {
        if let Some(last) = self.texts.last_mut()
            && last.capacity() - last.len() > TEXT_CHUNK
        {
            last.shrink_to_fit();
        }
    }

    /// Bytes that the chunks take in memory, the room that is still free in them included.
    pub(super) fn footprint(&self) -> usize {
        let texts: usize = self.texts.iter().map(String::capacity).sum();
        let records: usize = self.records.iter().map(Vec::capacity).sum();
        texts + records * size_of::<Record>()
    }

    pub(super) fn places_by_start(&self) -> Arc<[Place]> {
        let mut places: Vec<(u128, Place)> = Vec::with_capacity(self.len);
        for (chunk, records) in (0_u32..).zip(&self.records) {
            places.extend((0_u32..).zip(records).map(|(index, record)| (record.id, (chunk, index))));
        }
        places.sort_unstable();
        places.into_iter().map(|(_, place)| place).collect()
    }

    /// Takes over all traces of another store.
    pub(crate) fn absorb(&mut self, mut other: Self) {
        if self.len < other.len {
            std::mem::swap(self, &mut other);
        }
        for record in other.iter() {
            self.copy(record, &other);
        }
    }

    /// Ids and parents of all traces, in the order in which they began.
    pub(crate) fn family(&self) -> Vec<(u128, u128)> {
        let mut family: Vec<_> = self.iter().map(|record| (record.id, record.parent)).collect();
        family.sort_unstable();
        family
    }

    /// Takes out the traces for which `goes` says so; the others stay.
    pub(crate) fn extract(&mut self, goes: impl Fn(u128) -> bool) -> Self {
        let (mut gone, mut kept) = (Self::default(), Self::default());
        for record in self.iter() {
            let store = if goes(record.id) { &mut gone } else { &mut kept };
            store.copy(record, self);
        }
        *self = kept;
        gone
    }

    pub(super) fn copy(&mut self, record: &Record, from: &Self) {
        self.push_texts(*record, &from.texts_of(record));
    }

    fn iter(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().flatten()
    }

    #[inline]
    pub(super) fn texts_of(&self, record: &Record) -> Texts<'_> {
        let (mut early, mut late) = (self.from(record.early), self.from(record.late));
        let Lengths { input, metadata, output, error, name, description } = record.lengths;
        let Late { input: late_input, metadata: late_metadata } = record.came_late;
        let input = take(if late_input { &mut late } else { &mut early }, input);
        let rest = if late_metadata { &mut late } else { &mut early };
        let (metadata, name) = (take(rest, metadata), take(rest, name));
        let (output, error) = (take(&mut late, output), take(&mut late, error));
        Texts { input, metadata, name, output, error, description: take(&mut late, description) }
    }

    /// What stands at a place.
    pub(crate) fn text(&self, place: TextPlace, length: usize) -> &str {
        self.from(place).get(..length).unwrap_or_default()
    }

    /// All that stands in a chunk from a place on.
    #[inline]
    fn from(&self, place: TextPlace) -> &str {
        let chunk = self.texts.get(place.chunk as usize);
        chunk.and_then(|chunk| chunk.get(place.offset as usize..)).unwrap_or_default()
    }
}

/// The first so many bytes of `rest`, which go from it.
#[inline]
fn take<'t>(rest: &mut &'t str, length: u32) -> &'t str {
    let Some((text, after)) = rest.split_at_checked(length as usize) else { return "" };
    *rest = after;
    text
}
