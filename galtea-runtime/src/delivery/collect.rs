//! Delivery without a thread: what is handed over waits for whoever asks for it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll};
use std::thread;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{Account, Budget, Delivery, Link, Message};
use crate::record::Batch;

/// The other end of a [`Delivery`] that has no worker.
pub(crate) struct Collector {
    messages: UnboundedReceiver<Message>,
}

impl Collector {
    pub(crate) fn new() -> (Arc<Delivery>, Self) {
        let (inbox, messages) = unbounded_channel();
        let delivery = Delivery {
            account: Arc::new(Account::default()),
            budget: Arc::new(Budget::new(usize::MAX)),
            closed: AtomicBool::new(false),
            told_late_loss: AtomicBool::new(false),
            link: Some(Link { inbox, thread: thread::current().id() }),
        };
        (Arc::new(delivery), Self { messages })
    }

    /// The next batch; `None`: there will be no more.
    pub(crate) fn poll_batch(&mut self, cx: &mut Context<'_>) -> Poll<Option<Batch>> {
        loop {
            match self.messages.poll_recv(cx) {
                Poll::Ready(Some(Message::Batch(handed))) => return Poll::Ready(Some(handed.batch)),
                // Whoever collects has an eye on the scope itself; nobody flushes.
                Poll::Ready(Some(Message::Linger(_) | Message::Flush(_) | Message::Stop(_))) => {}
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// A batch that is there.
    pub(crate) fn try_batch(&mut self) -> Option<Batch> {
        loop {
            if let Message::Batch(handed) = self.messages.try_recv().ok()? {
                return Some(handed.batch);
            }
        }
    }
}
