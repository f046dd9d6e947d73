//! One budget of bytes for all that waits: requests that are not complete, and answers that are not sent.
//!
//! A call that would exceed it is shed. It counts bytes where they are kept and gives them back where they are dropped,
//! be that in HTTP/2's own queue; it does not know what they are. What a handler holds while it works is bounded by the
//! store's admission, and not counted here.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::{Body as _, Frame};
use prost::bytes::Bytes;
use tokio::sync::Notify;
use tonic::Status;
use tonic::body::Body;

use crate::error::Error;

/// What a call takes by being open, in bytes, besides its messages: its task, its stream, its headers.
pub(crate) const OPEN_CALL: usize = 8 << 10;
/// What takes at most this much, in bytes, may also use the part of the budget that is kept from larger ones. So those
/// who ask for little are answered while others do not take what they asked for.
const SMALL: usize = 64 << 10;
/// The part of the budget that is kept for the small.
const KEPT: usize = 8;

/// How many bytes may wait, and how many do.
pub(crate) struct Budget {
    most: usize,
    used: AtomicUsize,
}

impl Budget {
    pub(crate) fn of(most: usize) -> Arc<Budget> {
        Arc::new(Budget {
            most,
            used: AtomicUsize::new(0),
        })
    }

    /// Returns how many bytes there may be.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// Returns how many bytes wait at present.
    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Takes some bytes until what is returned is dropped.
    ///
    /// # Errors
    /// `Overloaded`.
    pub(crate) fn take(self: &Arc<Budget>, n: usize) -> Result<BudgetShare, Error> {
        let mut held = BudgetShare::none(self);
        held.grow(n).map(|()| held)
    }
}

/// Bytes that wait.
pub(crate) struct BudgetShare {
    budget: Arc<Budget>,
    n: usize,
}

impl BudgetShare {
    pub(crate) fn none(budget: &Arc<Budget>) -> BudgetShare {
        BudgetShare {
            budget: Arc::clone(budget),
            n: 0,
        }
    }

    /// Takes some more.
    ///
    /// # Errors
    /// `Overloaded`.
    pub(crate) fn grow(&mut self, n: usize) -> Result<(), Error> {
        let Budget { most, used } = &*self.budget;
        let may_use = if self.n + n <= SMALL {
            *most
        } else {
            most - most / KEPT
        };
        let taken = used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            used.checked_add(n).filter(|sum| *sum <= may_use)
        });
        if taken.is_err() {
            return Err(Error::Overloaded);
        }
        self.n += n;
        Ok(())
    }

    /// Gives back all.
    pub(crate) fn release(&mut self) {
        let n = std::mem::take(&mut self.n);
        self.budget.used.fetch_sub(n, Ordering::Relaxed);
    }
}

impl Drop for BudgetShare {
    fn drop(&mut self) {
        self.release();
    }
}

/// How many large parts of an answer are not sent; its clones count together.
#[derive(Clone, Default)]
pub(crate) struct Unsent(Arc<(AtomicUsize, Notify)>);

impl Unsent {
    /// Waits until there are none.
    pub(crate) async fn none(&self) {
        let (count, changed) = &*self.0;
        loop {
            // Before the count is read, so that no change is missed.
            let changed = changed.notified();
            if count.load(Ordering::Acquire) == 0 {
                return;
            }
            changed.await;
        }
    }
}

/// A part of an answer, with the room that it takes.
struct UnsentData {
    bytes: Bytes,
    /// Where it is counted, if it is large.
    unsent: Option<Unsent>,
    _held: BudgetShare,
}

impl AsRef<[u8]> for UnsentData {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for UnsentData {
    fn drop(&mut self) {
        if let Some(Unsent(unsent)) = &self.unsent
            && unsent.0.fetch_sub(1, Ordering::AcqRel) == 1
        {
            unsent.1.notify_waiters();
        }
    }
}

/// Lets an answer take room from the budget until it is sent; one that finds none fails.
pub(crate) fn counted(
    response: Response<Body>,
    budget: &Arc<Budget>,
    unsent: &Unsent,
) -> Response<Body> {
    response.map(|body| {
        Body::new(UnsentBody {
            body,
            next: None,
            budget: Arc::clone(budget),
            unsent: unsent.clone(),
        })
    })
}

type Polled = Option<Result<Frame<Bytes>, Status>>;

struct UnsentBody {
    body: Body,
    /// The frame behind the one that was returned last, if the body had it already.
    next: Option<Polled>,
    budget: Arc<Budget>,
    unsent: Unsent,
}

impl UnsentBody {
    fn count(&self, bytes: Bytes) -> Result<Bytes, Error> {
        let _held = self.budget.take(bytes.len())?;
        let unsent = (bytes.len() > SMALL).then(|| self.unsent.clone());
        let bytes = match &unsent {
            Some(Unsent(unsent)) => {
                unsent.0.fetch_add(1, Ordering::AcqRel);
                // tonic encodes into a buffer that doubles: it may be twice as large as what is in it.
                Bytes::copy_from_slice(&bytes)
            }
            None => bytes,
        };
        Ok(Bytes::from_owner(UnsentData {
            bytes,
            unsent,
            _held,
        }))
    }

    /// Asks for the frame behind a large part at once. With the last one the body ends, and tonic's buffer with it.
    fn look_ahead(&mut self, cx: &mut Context<'_>) {
        if let Poll::Ready(next) = Pin::new(&mut self.body).poll_frame(cx) {
            if !matches!(&next, Some(Ok(frame)) if frame.is_data()) {
                self.body = Body::empty();
            }
            self.next = Some(next);
        }
    }
}

impl http_body::Body for UnsentBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Polled> {
        let next = match self.next.take() {
            Some(next) => next,
            None => ready!(Pin::new(&mut self.body).poll_frame(cx)),
        };
        let data = match next.map(|frame| frame.map(Frame::into_data)) {
            Some(Ok(Ok(data))) => data,
            Some(Ok(Err(trailers))) => return Poll::Ready(Some(Ok(trailers))),
            Some(Err(status)) => return Poll::Ready(Some(Err(status))),
            None => return Poll::Ready(None),
        };
        if data.len() > SMALL {
            self.look_ahead(cx);
        }
        Poll::Ready(Some(
            self.count(data).map(Frame::data).map_err(Status::from),
        ))
    }

    fn is_end_stream(&self) -> bool {
        self.next.is_none() && self.body.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::poll_fn;
    use std::time::Duration;

    use super::*;

    /// A buffer that is larger than what is in it, and says when it is dropped.
    struct Buffer(Vec<u8>, Arc<AtomicUsize>);

    impl AsRef<[u8]> for Buffer {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    impl Drop for Buffer {
        fn drop(&mut self) {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A body of one large part, which keeps its buffer until it is dropped, as tonic's does.
    struct EncodingBody {
        part: Option<Bytes>,
        _buffer: Buffer,
    }

    impl http_body::Body for EncodingBody {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(self.part.take().map(|part| Ok(Frame::data(part))))
        }
    }

    #[tokio::test]
    async fn what_waits_holds_no_buffer_that_may_be_larger() {
        let dropped = Arc::new(AtomicUsize::new(0));
        let buffer = || Buffer(vec![1; 2 * SMALL], Arc::clone(&dropped));
        let body = EncodingBody {
            part: Some(Bytes::from_owner(buffer())),
            _buffer: buffer(),
        };
        let (budget, unsent) = (Budget::of(usize::MAX), Unsent::default());
        let answer = counted(Response::new(Body::new(body)), &budget, &unsent);
        let mut answer = answer.into_body();
        let part = poll_fn(|cx| Pin::new(&mut answer).poll_frame(cx)).await;
        let part = part.expect("there is one").expect("there is room for it");
        assert_eq!(part.data_ref().map(Bytes::len), Some(2 * SMALL));
        assert_eq!(dropped.load(Ordering::Relaxed), 2);
        assert_eq!(budget.used.load(Ordering::Relaxed), 2 * SMALL);
        drop(part);
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }

    /// Whichever comes first, the drop of the part or the wait for it.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_waits_for_what_is_unsent_misses_nothing() {
        for _ in 0..20_000 {
            let unsent = Unsent::default();
            let part = UnsentBody {
                body: Body::empty(),
                next: None,
                budget: Budget::of(usize::MAX),
                unsent: unsent.clone(),
            };
            let part = part.count(vec![1; SMALL + 1].into());
            let sends = tokio::spawn(async move { drop(part) });
            let waits = tokio::time::timeout(Duration::from_secs(10), unsent.none());
            waits.await.expect("it hears of the drop");
            sends.await.expect("it drops");
        }
    }
}
