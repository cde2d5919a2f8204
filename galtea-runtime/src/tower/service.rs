//! The layer for tower servers.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::header;
use crate::client::Galtea;
use crate::scope::OpenScope;

/// Opens the scope of an inference result for each request that names one.
///
/// The id is read from the header `X-Galtea-Inference-Id`, or from the W3C `baggage` entry `galtea.trace.id`. The scope
/// lasts until the body of the response has been sent or given up, so what a streamed answer does is recorded too. A request
/// without an id passes untouched; a value that cannot be an id (empty, longer than 256 bytes, not printable ASCII) is
/// passed over and counted in [`Stats::malformed_ids`](crate::Stats::malformed_ids).
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::export::MemoryExporter;
/// use galtea::tower::InferenceLayer;
/// use galtea::{Galtea, trace_scope};
/// use http::{Request, Response};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
///
/// async fn answer(request: Request<String>) -> Result<Response<String>, std::convert::Infallible> {
///     let question = request.into_body();
///     let reply = trace_scope!("answer", type = "AGENT", async { format!("You asked: {question}") }).await;
///     Ok(Response::new(reply))
/// }
///
/// let memory = MemoryExporter::new();
/// let galtea = Galtea::builder().exporter(memory.clone()).build()?;
/// let server = ServiceBuilder::new().layer(InferenceLayer::new(&galtea)).service(service_fn(answer));
///
/// let request = Request::post("/answer").header("X-Galtea-Inference-Id", "ir_1").body("Where is it?".to_owned())?;
/// let response = server.oneshot(request).await?;
/// drop(response); // sent to whoever has asked
/// galtea.shutdown().await.into_result()?;
/// assert_eq!(memory.batches()[0].inference_result_id(), "ir_1");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct InferenceLayer {
    galtea: Galtea,
}

impl InferenceLayer {
    /// A layer that records with this client.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use galtea::Galtea;
    /// use galtea::tower::InferenceLayer;
    /// use tower::ServiceBuilder;
    ///
    /// let galtea = Galtea::local();
    /// // In axum: `Router::new().route("/answer", post(answer)).layer(InferenceLayer::new(&galtea))`
    /// let layers = ServiceBuilder::new().layer(InferenceLayer::new(&galtea));
    /// println!("{layers:?}");
    /// # }
    /// ```
    pub fn new(galtea: &Galtea) -> Self {
        Self { galtea: galtea.clone() }
    }
}

impl<S> Layer<S> for InferenceLayer {
    type Service = InferenceService<S>;

    fn layer(&self, inner: S) -> InferenceService<S> {
        InferenceService { inner, galtea: self.galtea.clone() }
    }
}

/// A service whose requests run in the scope of the inference result that they name: what [`InferenceLayer`] makes.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::export::MemoryExporter;
/// use galtea::tower::InferenceLayer;
/// use galtea::{Galtea, trace_scope};
/// use http::{Request, Response};
/// use tower::{Layer, Service, ServiceExt, service_fn};
///
/// async fn answer(request: Request<String>) -> Result<Response<String>, std::convert::Infallible> {
///     let question = request.into_body();
///     let reply = trace_scope!("answer", type = "AGENT", async { format!("You asked: {question}") }).await;
///     Ok(Response::new(reply))
/// }
///
/// let galtea = Galtea::builder().exporter(MemoryExporter::new()).build()?;
/// let mut server = InferenceLayer::new(&galtea).layer(service_fn(answer));
/// for id in ["ir_1", "ir_2"] {
///     let request = Request::post("/answer").header("X-Galtea-Inference-Id", id).body("Where is it?".to_owned())?;
///     let _response = server.ready().await?.call(request).await?;
/// }
/// assert_eq!(galtea.shutdown().await.into_result()?.delivered, 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct InferenceService<S> {
    inner: S,
    galtea: Galtea,
}

impl<S> InferenceService<S> {
    fn open_scope<B>(&self, request: &Request<B>) -> Option<OpenScope> {
        if self.galtea.is_disabled() {
            return None;
        }
        let found = header::find(request.headers());
        if found.malformed > 0 {
            self.galtea.delivery().malformed_ids(found.malformed);
        }
        found.id.map(|id| self.galtea.inference_result(id).open())
    }
}

impl<S, RequestBody, Answer> Service<Request<RequestBody>> for InferenceService<S>
where
    S: Service<Request<RequestBody>, Response = Response<Answer>>,
    Answer: Body,
{
    type Response = Response<ResponseBody<Answer>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut TaskContext<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let mut scope = self.open_scope(&request);
        let entered = scope.as_mut().map(OpenScope::enter);
        let future = self.inner.call(request);
        drop(entered);
        ResponseFuture { future: Some(future), scope }
    }
}

pin_project! {
    /// The answer to a request, in the scope of the inference result that the request named.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        future: Option<F>,
        scope: Option<OpenScope>,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = this.scope.as_mut().map(OpenScope::enter);
            this.future.set(None);
        }
    }
}

impl<F, Answer, Error> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<Answer>, Error>>,
    Answer: Body,
{
    type Output = Result<Response<ResponseBody<Answer>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Pending };
        let entered = this.scope.as_mut().map(OpenScope::enter);
        let polled = future.poll(cx);
        if polled.is_ready() {
            this.future.set(None);
        }
        drop(entered);
        polled.map(|answer| {
            let scope = this.scope.take();
            answer.map(|answer| answer.map(|body| ResponseBody::new(body, scope)))
        })
    }
}

pin_project! {
    /// The body of an answer. The scope of the inference result lasts as long as it does.
    pub struct ResponseBody<B> {
        #[pin]
        body: Option<B>,
        scope: Option<OpenScope>,
    }

    impl<B> PinnedDrop for ResponseBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = this.scope.as_mut().map(OpenScope::enter);
            this.body.set(None);
        }
    }
}

impl<B: Body> ResponseBody<B> {
    fn new(body: B, scope: Option<OpenScope>) -> Self {
        // An empty body may never be polled.
        let scope = if body.is_end_stream() { None } else { scope };
        Self { body: Some(body), scope }
    }
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let Some(mut body) = this.body.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let entered = this.scope.as_mut().map(OpenScope::enter);
        let polled = body.as_mut().poll_frame(cx);
        drop(entered);
        // The end of the turn is now, not when the connection gets round to dropping the body.
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) || (polled.is_ready() && body.is_end_stream()) {
            *this.scope = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

/// An empty body, for routers that make one.
impl<B: Body + Default> Default for ResponseBody<B> {
    fn default() -> Self {
        Self::new(B::default(), None)
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<B> fmt::Debug for ResponseBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").finish_non_exhaustive()
    }
}
