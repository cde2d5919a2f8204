//! Buffers that a thread uses again: an active call writes its texts into one without asking the allocator.

use std::cell::RefCell;

/// Nested calls each need one. More than these are not worth keeping.
const KEPT: usize = 8;
/// A buffer that one huge capture has grown is given back to the allocator.
const LARGEST_KEPT: usize = 64 * 1024;
const FRESH: usize = 512;

thread_local! {
    static BUFFERS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

pub(crate) fn take() -> String {
    let kept = BUFFERS.try_with(|buffers| buffers.try_borrow_mut().ok()?.pop()).ok().flatten();
    kept.unwrap_or_else(|| String::with_capacity(FRESH))
}

pub(crate) fn give_back(mut buffer: String) {
    if buffer.capacity() == 0 || buffer.capacity() > LARGEST_KEPT {
        return;
    }
    buffer.clear();
    let _ = BUFFERS.try_with(|buffers| {
        if let Ok(mut buffers) = buffers.try_borrow_mut()
            && buffers.len() < KEPT
        {
            buffers.push(buffer);
        }
    });
}
