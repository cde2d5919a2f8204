//! Finished traces: how they are held until they are sent, and how a batch of them looks to an exporter.
//!
//! ```text
//! Store   chunks of text:   | {"id":7}     {"name":"Ada"} | {"q":"…"}… |
//!                             └─ early ─┘   └─── late ───┘               what a trace has from its beginning, and the rest:
//! Store   chunks of Record: | ids, times, lengths, places … |            between the two, others may have written
//! Batch   = inference result id + shared Store + which records, in the order they began
//! ```

mod store;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

pub(crate) use self::store::{Store, TextPlace};
use crate::site::Site;
use crate::trace_type::TraceType;

/// The identity of one trace, made once, on this side of the wire.
///
/// `Display` gives the wire form: `trace_` and 32 lower-case hex digits. Ids of one process order by start time.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::export::MemoryExporter;
/// use galtea::{Galtea, trace_scope};
///
/// let memory = MemoryExporter::new();
/// let galtea = Galtea::builder().exporter(memory.clone()).build()?;
/// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("answer", type = "AGENT", { "yes" }));
/// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
/// let batches = memory.batches();
/// let ids: Vec<_> = batches.iter().flat_map(|batch| batch.iter()).map(|trace| trace.id()).collect();
/// let text = ids[0].to_string();
/// assert!(text.starts_with("trace_") && text.len() == "trace_".len() + 32);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(pub(crate) u128);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "trace_{:032x}", self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One finished trace, without its texts.
///
/// Those lie in two places, side by side in each: early ones, which the trace has had from its beginning, and late ones.
/// Input, metadata and name are early unless [`Late`] says otherwise; all others are late.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    pub(crate) id: u128,
    /// 0: a root.
    pub(crate) parent: u128,
    /// Nanoseconds since the Unix epoch.
    pub(crate) start: u64,
    /// Nanoseconds, from a monotonic clock.
    pub(crate) duration: u64,
    pub(crate) trace_type: TraceType,
    /// Has the name where `lengths.name` is 0, and the description, if there is one, where `lengths.description` is 0.
    pub(crate) site: &'static Site,
    pub(crate) lengths: Lengths,
    pub(crate) early: TextPlace,
    pub(crate) late: TextPlace,
    pub(crate) came_late: Late,
}

/// Where all texts of a trace come with it.
static NOWHERE: Site = Site::new("", TraceType::Span, "");

impl Record {
    /// What the constructors elsewhere start from.
    pub(crate) const EMPTY: Self = Self {
        id: 0,
        parent: 0,
        start: 0,
        duration: 0,
        trace_type: TraceType::Span,
        site: &NOWHERE,
        lengths: Lengths { input: 0, output: 0, metadata: 0, error: 0, name: 0, description: 0 },
        early: TextPlace::START,
        late: TextPlace::START,
        came_late: Late { input: false, metadata: false },
    };
}

/// Which of the fields that a trace usually has from its beginning came at its end: something took their place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Late {
    /// Where this is so, all others came late too.
    pub(crate) input: bool,
    /// And the name, which stands behind it.
    pub(crate) metadata: bool,
}

/// How many bytes of the record's text belong to each field. 0: the field is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lengths {
    /// A JSON object.
    pub(crate) input: u32,
    /// A JSON object.
    pub(crate) metadata: u32,
    /// A JSON object.
    pub(crate) output: u32,
    /// Plain text (not JSON).
    pub(crate) error: u32,
    /// Plain text (not JSON).
    pub(crate) name: u32,
    /// Plain text (not JSON).
    pub(crate) description: u32,
}

/// Where a record is: its chunk, and its index in the chunk.
type Place = (u32, u32);

/// Finished traces of one inference result, on their way to the API.
///
/// Traces stand in the order in which they began, so a parent stands before its children. Cloning is cheap: clones share
/// the traces.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::export::MemoryExporter;
/// use galtea::{Galtea, trace_scope};
///
/// let memory = MemoryExporter::new();
/// let galtea = Galtea::builder().exporter(memory.clone()).build()?;
/// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("answer", type = "AGENT", { "yes" }));
/// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
/// let batches = memory.batches();
/// let batch = &batches[0];
/// assert_eq!((batch.inference_result_id(), batch.len(), batch.is_empty()), ("ir_1", 1, false));
/// for trace in batch.iter() {
///     println!("{} took {:?}", trace.name(), trace.latency());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Batch {
    inference_result_id: Arc<str>,
    store: Arc<Store>,
    /// The records of `store` that are part of this batch, in order. Left to the delivery thread to find out: sorting is no
    /// work for the thread on which a scope ends.
    order: OnceLock<Arc<[Place]>>,
}

impl Batch {
    pub(crate) fn new(inference_result_id: Arc<str>, mut store: Store) -> Self {
        store.seal();
        Self { inference_result_id, store: Arc::new(store), order: OnceLock::new() }
    }

    fn order(&self) -> &Arc<[Place]> {
        self.order.get_or_init(|| self.store.places_by_start())
    }

    /// The inference result that all these traces belong to.
    pub fn inference_result_id(&self) -> &str {
        &self.inference_result_id
    }

    /// How many traces the batch has.
    pub fn len(&self) -> usize {
        self.order.get().map_or(self.store.len(), |order| order.len())
    }

    /// Whether the batch has no traces. A batch that reaches an exporter has some.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The traces, parents before children.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Trace<'_>> + Clone {
        self.order().iter().map(|&place| Trace { batch: self, record: self.store.record(place) })
    }

    /// Copies the traces to where those of other batches are.
    #[cfg(feature = "testing")]
    pub(crate) fn add_to(&self, store: &mut Store) {
        for trace in self.iter() {
            store.copy(trace.record, &self.store);
        }
    }

    /// The traces at these positions, as a batch that shares their memory.
    pub(crate) fn part(&self, range: std::ops::Range<usize>) -> Self {
        let order = Arc::from(self.order().get(range).unwrap_or_default());
        Self { order: OnceLock::from(order), ..self.clone() }
    }
}

impl Batch {
    /// Bytes that keeping this batch keeps in memory. A part keeps all that it was a part of.
    pub(crate) fn footprint(&self) -> usize {
        const HEADERS: usize = 128;
        self.store.footprint() + self.len() * size_of::<Place>() + self.inference_result_id.len() + HEADERS
    }
}

impl fmt::Debug for Batch {
    /// Payloads stay out of it: a batch may be logged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("inference_result_id", &self.inference_result_id)
            .field("traces", &self.len())
            .finish_non_exhaustive()
    }
}

/// One finished trace of a [`Batch`].
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::export::MemoryExporter;
/// use galtea::{Galtea, TraceType, trace_scope};
///
/// let memory = MemoryExporter::new();
/// let galtea = Galtea::builder().exporter(memory.clone()).build()?;
/// galtea.inference_result("ir_1").sync_scope(|| {
///     trace_scope!("answer", type = "AGENT", |answer| {
///         answer.set_description("Answers a customer");
///         trace_scope!("search", type = "RETRIEVER", input = { "query": "plans" }, |search| {
///             search.set_metadata("index", "faq-v2");
///             search.record_error("the index is old");
///             ["Plans can be changed at any time."]
///         })
///     })
/// });
/// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
///
/// let batches = memory.batches();
/// let traces: Vec<_> = batches[0].iter().collect();
/// let [answer, search] = traces[..] else { return Err("two traces".into()) };
/// assert_eq!((answer.name(), answer.trace_type()), ("answer", TraceType::Agent));
/// assert_eq!((answer.parent_id(), search.parent_id()), (None, Some(answer.id())));
/// assert_eq!(answer.description(), Some("Answers a customer"));
/// assert_eq!(search.input(), Some(r#"{"query":"plans"}"#));
/// assert_eq!(search.output(), Some(r#"{"value":["Plans can be changed at any time."]}"#));
/// assert_eq!(search.metadata(), Some(r#"{"index":"faq-v2"}"#));
/// assert_eq!(search.error(), Some("the index is old"));
/// assert_eq!(search.inference_result_id(), "ir_1");
/// assert!(search.start_time() >= answer.start_time() && search.latency() <= answer.latency());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Trace<'batch> {
    batch: &'batch Batch,
    record: &'batch Record,
}

impl<'batch> Trace<'batch> {
    /// The trace's id.
    pub fn id(&self) -> TraceId {
        TraceId(self.record.id)
    }

    /// The trace in which this one ran; `None` for a root. Always a trace of the same inference result.
    pub fn parent_id(&self) -> Option<TraceId> {
        (self.record.parent != 0).then_some(TraceId(self.record.parent))
    }

    /// The inference result that the trace belongs to.
    pub fn inference_result_id(&self) -> &'batch str {
        self.batch.inference_result_id()
    }

    /// What the operation is called; never empty.
    pub fn name(&self) -> &'batch str {
        self.shown().name
    }

    /// What kind of operation it was.
    pub fn trace_type(&self) -> TraceType {
        self.record.trace_type
    }

    /// What the operation does, in words.
    pub fn description(&self) -> Option<&'batch str> {
        present(self.shown().description)
    }

    /// The text of a JSON object: what the operation was given.
    pub fn input(&self) -> Option<&'batch str> {
        present(self.texts().input)
    }

    /// The text of a JSON object: what the operation returned.
    pub fn output(&self) -> Option<&'batch str> {
        present(self.texts().output)
    }

    /// The text of a JSON object.
    pub fn metadata(&self) -> Option<&'batch str> {
        present(self.texts().metadata)
    }

    /// Why the operation failed, in plain text.
    pub fn error(&self) -> Option<&'batch str> {
        present(self.texts().error)
    }

    /// When the operation began.
    pub fn start_time(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_nanos(self.record.start)
    }

    /// How long it took, by a monotonic clock.
    pub fn latency(&self) -> Duration {
        Duration::from_nanos(self.record.duration)
    }

    /// Whole microseconds since the Unix epoch, as the wire has them.
    pub(crate) fn start_micros(&self) -> u64 {
        self.record.start / 1_000
    }

    /// Whole microseconds, as the wire has them.
    pub(crate) fn latency_micros(&self) -> u64 {
        self.record.duration / 1_000
    }

    /// A batch of this one trace with other texts. Empty ones are absent.
    pub(crate) fn with_texts(&self, texts: &Texts<'_>) -> Batch {
        let mut store = Store::default();
        store.push_texts(*self.record, texts);
        Batch::new(Arc::clone(&self.batch.inference_result_id), store)
    }

    /// All texts as an exporter gets them; cheaper than asking for each.
    pub(crate) fn shown(&self) -> Texts<'batch> {
        let texts = self.texts();
        let or = |text: &'batch str, of_site| if text.is_empty() { of_site } else { text };
        let Site { name, description, .. } = self.record.site;
        Texts { name: or(texts.name, name), description: or(texts.description, description), ..texts }
    }

    /// The texts that lie in the store: a name or description that is static is not among them.
    pub(crate) fn texts(&self) -> Texts<'batch> {
        self.batch.store.texts_of(self.record)
    }
}

impl fmt::Debug for Trace<'_> {
    /// Payloads stay out of it: a trace may be logged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("id", &self.id())
            .field("parent_id", &self.parent_id())
            .field("type", &self.trace_type())
            .field("name", &self.name())
            .field("latency", &self.latency())
            .finish_non_exhaustive()
    }
}

/// The texts of one trace; an empty one is absent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Texts<'t> {
    pub(crate) input: &'t str,
    pub(crate) output: &'t str,
    pub(crate) metadata: &'t str,
    pub(crate) error: &'t str,
    pub(crate) name: &'t str,
    pub(crate) description: &'t str,
}

impl Texts<'_> {
    fn lengths(&self) -> Lengths {
        let length = |text: &str| u32::try_from(text.len()).unwrap_or_default();
        Lengths {
            input: length(self.input),
            output: length(self.output),
            metadata: length(self.metadata),
            error: length(self.error),
            name: length(self.name),
            description: length(self.description),
        }
    }
}

fn present(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    static SITE: Site = Site::new("static_name", TraceType::Tool, "");

    fn record(id: u128, parent: u128) -> Record {
        Record {
            id,
            parent,
            start: 1_000,
            duration: 500,
            trace_type: TraceType::Tool,
            site: &SITE,
            ..Record::EMPTY
        }
    }

    #[test]
    fn a_batch_stands_in_start_order_and_gives_each_field_back() {
        let mut store = Store::default();
        let texts = Texts { input: r#"{"a":1}"#, output: r#"{"b":22}"#, error: "oops", ..Texts::default() };
        store.push_texts(record(2, 1), &texts);
        store.push_texts(record(1, 0), &Texts { name: "root", ..Texts::default() });
        let batch = Batch::new("ir_1".into(), store);
        let traces: Vec<_> = batch.iter().collect();
        assert_eq!(traces.iter().map(Trace::name).collect::<Vec<_>>(), ["root", "static_name"]);
        assert_eq!(traces[1].input(), Some(r#"{"a":1}"#));
        assert_eq!(traces[1].output(), Some(r#"{"b":22}"#));
        assert_eq!(traces[1].metadata(), None);
        assert_eq!(traces[1].error(), Some("oops"));
        assert_eq!(traces[1].parent_id(), Some(traces[0].id()));
    }

    #[test]
    fn ten_thousand_traces_are_kept_whole_across_chunks() {
        let mut store = Store::default();
        for id in 1..=10_000_u32 {
            let input = format!(r#"{{"id":{id}}}"#);
            store.push_texts(record(id.into(), 0), &Texts { input: &input, ..Texts::default() });
        }
        let batch = Batch::new("ir_1".into(), store);
        for (id, trace) in (1..).zip(batch.iter()) {
            assert_eq!(trace.input(), Some(format!(r#"{{"id":{id}}}"#).as_str()));
        }
        let part = batch.part(10..13);
        assert_eq!(part.iter().map(|trace| trace.id().0).collect::<Vec<_>>(), [11, 12, 13]);
    }

    #[test]
    fn a_buffered_trace_takes_its_json_and_160_bytes_at_most() {
        let json = format!(r#"{{"query":"{}"}}"#, "x".repeat(56));
        for traces in [500, 1_000, 10_000_u32] {
            let mut store = Store::default();
            for id in 1..=traces {
                store.push_texts(record(id.into(), 0), &Texts { input: &json, ..Texts::default() });
            }
            let batch = Batch::new("ir_1".into(), store);
            let each = batch.footprint() / traces as usize;
            assert!(each <= json.len() + 160, "{each} bytes for each of {traces} traces");
        }
    }

    #[test]
    fn an_id_is_written_as_the_wire_has_it() {
        assert_eq!(TraceId(0xabc).to_string(), "trace_00000000000000000000000000000abc");
    }
}
