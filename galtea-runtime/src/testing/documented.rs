// Included by the examples of the documentation: what the macros would make of the agent of the guide.

include!("../documented.rs");

use galtea_runtime::private::{self, Site};
use galtea_runtime::testing::{Capture, TraceTree, capture_sync};
use galtea_runtime::{TraceType, current_trace};
use serde_json::json;

static AGENT: Site = Site::new("support_agent", TraceType::Agent, "");
static SEARCH: Site = Site::new("search", TraceType::Retriever, "");
static FETCH_USER: Site = Site::new("fetch_user", TraceType::Tool, "Looks a customer up.");

fn support_agent() {
    traced(&AGENT, || {
        traced(&SEARCH, || {
            current_trace().set_input(json!({"query": "plans"}));
            current_trace().set_metadata("index", "faq-v2");
            current_trace().set_output(json!(["Plans can be changed at any time."]));
        });
        traced(&FETCH_USER, || {
            current_trace().set_input(json!({"user_id": "u-17"}));
            current_trace().record_error(&std::io::Error::other("no customer u-17"));
        });
    });
}

fn traced(site: &'static Site, body: impl FnOnce()) {
    let mut call = private::begin(site, private::Given::Arguments(&[]), None);
    private::run(&mut call, body);
    private::skip_output(&mut call);
}
