use std::fmt::{Debug, Display};
use serde::Serialize; use serde_json::Value;

impl CapturePolicy { pub fn description_limit(&self) -> usize { 32768 } }
pub struct ObjectWriter<'a> { out: &'a mut String, n: usize }
impl<'a> ObjectWriter<'a> {
    pub fn new(out: &'a mut String, _p: &'a CapturePolicy) -> Self { Self { out, n: 0 } }
    fn name(&mut self, n: &str) { self.out.push_str(if self.n == 0 { "{" } else { "," }); self.n += 1; self.out.push_str(&serde_json::to_string(n).unwrap()); self.out.push(':'); }
    pub fn serialize<T: Serialize + ?Sized>(&mut self, name: &str, v: &T) { self.name(name); self.out.push_str(&serde_json::to_string(v).unwrap()); }
    pub fn debug<T: Debug + ?Sized>(&mut self, name: &str, v: &T) { self.text(name, &format!("{v:?}")) }
    pub fn text(&mut self, name: &str, v: &str) { self.serialize(name, v) }
    pub fn masked(&mut self, name: &str) { self.serialize(name, "[masked]") }
    pub fn finish(self) { if self.n > 0 { self.out.push('}') } }
}
pub fn write_serialize<T: Serialize + ?Sized>(out: &mut String, _: &CapturePolicy, v: &T) { let s = serde_json::to_string(v).unwrap(); if s.starts_with('{') { out.push_str(&s) } else { out.push_str(&format!("{{\"value\":{s}}}")) } }
pub fn write_debug<T: Debug + ?Sized>(out: &mut String, p: &CapturePolicy, v: &T) { write_serialize(out, p, &format!("{v:?}")) }
pub fn write_text(out: &mut String, p: &CapturePolicy, v: &str) { write_serialize(out, p, v) }
pub fn write_error<E: std::error::Error + ?Sized>(out: &mut String, _: &CapturePolicy, v: &E) { out.push_str(&v.to_string()); let mut s = v.source(); while let Some(e) = s { out.push_str(&format!(": {e}")); s = e.source(); } }
pub fn write_error_display<E: Display + ?Sized>(out: &mut String, _: &CapturePolicy, v: &E) { out.push_str(&v.to_string()); }
pub fn write_error_debug<E: Debug + ?Sized>(out: &mut String, _: &CapturePolicy, v: &E) { out.push_str(&format!("{v:?}")); }
pub fn merge_object(out: &mut String, _: &CapturePolicy, old: &str, more: &[(String, String)]) { let mut m: serde_json::Map<String, serde_json::Value> = serde_json::from_str(if old.is_empty() { "{}" } else { old }).unwrap(); for (k, v) in more { m.insert(k.clone(), serde_json::from_str(v).unwrap()); } if !m.is_empty() { out.push_str(&serde_json::to_string(&m).unwrap()); } }
pub fn object_of<T: Serialize>(p: &CapturePolicy, v: &T) -> String { let mut s = String::new(); write_serialize(&mut s, p, v); s }
pub fn entry_of<T: Serialize>(_: &CapturePolicy, _k: &str, v: &T) -> String { serde_json::to_string(v).unwrap() }
pub fn text_of(_: usize, t: &str) -> String { t.into() }
// What is recorded of values.
#[derive(Clone, Debug, Default)]
pub struct CapturePolicy;

// Names whose values are masked.
#[derive(Clone, Debug, Default)]
pub struct SecretNames;

impl SecretNames {
    // Adds a name.
    #[must_use]
    pub fn with(self, _name: &str) -> Self {
        self
    }
}

impl CapturePolicy {
    // Bytes a field.
    #[must_use]
    pub fn with_field_limit(self, _bytes: usize) -> Self {
        self
    }

    // The names whose values are masked.
    #[must_use]
    pub fn with_secret_names(self, _names: SecretNames) -> Self {
        self
    }

    // A function on every value.
    #[must_use]
    pub fn with_mask<F: Fn(Value) -> Value + Send + Sync + 'static>(self, _mask: F) -> Self {
        self
    }
}
