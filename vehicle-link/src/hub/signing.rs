//! Signing on a hub's links: what is ours goes out signed, what comes in is judged before anything else is made of it.

use std::{sync::Arc, time::Duration};

use super::{LinkId, Shared};
use crate::{
    clock::Clock,
    frames::Frame,
    signing::{
        FileError, Kept, Key, RADIO_STATUS, Refusal, SignError, Signing, TimestampFile, Timestamps, Unsigned, of_utc_us,
    },
};

/// How often it is looked whether timestamps run short; the shortest reservation lasts eight times as long.
const KEEP_EVERY: Duration = Duration::from_millis(250);

/// A key in use on the links of one hub; see [`crate::signing`] for the rules.
///
/// Our own frames are signed for each link with a link id of its own. Frames that are routed from one such link to another pass as they
/// are; those from a link without signatures (a wire to the autopilot) are signed as ours are, since the other side takes no others.
pub struct Signer {
    signing: Signing,
    file: TimestampFile,
    /// UTC in µs at a moment of the hub's clock.
    utc: (u64, u64),
    first_link_id: u8,
    links: Option<Vec<LinkId>>,
}

impl Signer {
    /// Reads the file of timestamps and reserves the first, see [`Signer::new`].
    ///
    /// # Errors
    /// [`FileError`] when the file cannot be written: nothing can be signed then.
    pub fn open(key: Key, file: TimestampFile, clock: &dyn Clock, utc_us: u64) -> Result<Self, FileError> {
        let mut signer = Self::new(key, file, clock, utc_us);
        signer.reserve()?;
        Ok(signer)
    }

    /// Reads the file of timestamps; `utc_us` is the system's clock now, µs since 1970. Frames that are not signed are refused, but for
    /// RADIO_STATUS. Nothing is sent before the disk has taken a reservation: the hub tries until it does.
    pub fn new(key: Key, file: TimestampFile, clock: &dyn Clock, utc_us: u64) -> Self {
        let timestamps = Timestamps::new(file.read(), of_utc_us(utc_us));
        let signing = Signing::new(key, Unsigned::Only(vec![RADIO_STATUS]), timestamps);
        Self { signing, file, utc: (utc_us, clock.mono_ns()), first_link_id: 0, links: None }
    }

    /// Reserves the first timestamps.
    ///
    /// # Errors
    /// [`FileError`] when the file cannot be written.
    pub fn reserve(&mut self) -> Result<(), FileError> {
        if let Some(kept) = self.signing.timestamps().wanted(of_utc_us(self.utc.0)) {
            self.file.write(kept)?;
            self.signing.timestamps().kept(kept);
        }
        Ok(())
    }

    /// Which unsigned frames are taken.
    #[must_use]
    pub fn taking(mut self, unsigned: Unsigned) -> Self {
        self.signing.set_unsigned(unsigned);
        self
    }

    /// Only on these links, instead of on all: a wire to the autopilot may need no signature.
    #[must_use]
    pub fn on(mut self, links: Vec<LinkId>) -> Self {
        self.links = Some(links);
        self
    }

    /// Link id of the hub's first link, instead of 0; the others count up. Programs that share a component need ids of their own.
    #[must_use]
    pub fn from_link_id(mut self, first: u8) -> Self {
        self.first_link_id = first;
        self
    }

    pub(super) fn set_utc(&mut self, utc_us: u64, mono_ns: u64) {
        self.utc = (utc_us, mono_ns);
    }

    fn now(&self, mono_ns: u64) -> u64 {
        let (utc_us, at_ns) = self.utc;
        of_utc_us(utc_us + mono_ns.saturating_sub(at_ns) / 1_000)
    }

    pub(super) fn covers(&self, link: LinkId) -> bool {
        self.links.as_ref().is_none_or(|links| links.contains(&link))
    }

    /// A frame that we answer for as it goes out over `link`.
    pub(super) fn outgoing(&mut self, link: LinkId, frame: &Frame, mono_ns: u64) -> Result<Frame, SignError> {
        if !self.covers(link) {
            return Ok(frame.clone());
        }
        let number = u8::try_from(link.0 % 256).unwrap_or_default();
        let now = self.now(mono_ns);
        self.signing.sign(frame, self.first_link_id.wrapping_add(number), now)
    }

    pub(super) fn incoming(&mut self, link: LinkId, frame: &Frame, mono_ns: u64) -> Result<(), Refusal> {
        let now = self.now(mono_ns);
        if self.covers(link) { self.signing.check(frame, now) } else { Ok(()) }
    }

    fn wanted(&mut self, mono_ns: u64) -> Option<(Kept, TimestampFile)> {
        let now = self.now(mono_ns);
        let kept = self.signing.timestamps().wanted(now)?;
        Some((kept, self.file.clone()))
    }
}

/// Keeps timestamps reserved ahead; the disk is waited for on a thread of its own.
pub(super) async fn keep(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(KEEP_EVERY);
    let mut failed = false;
    loop {
        ticks.tick().await;
        let mono_ns = shared.clock.mono_ns();
        let Some((kept, file)) = shared.lock().signer.as_mut().and_then(|signer| signer.wanted(mono_ns)) else {
            continue;
        };
        match tokio::task::spawn_blocking(move || file.write(kept)).await {
            Ok(Ok(())) => {
                failed = false;
                if let Some(signer) = shared.lock().signer.as_mut() {
                    signer.signing.timestamps().kept(kept);
                }
            }
            Ok(Err(error)) => {
                if !std::mem::replace(&mut failed, true) {
                    tracing::warn!(%error, source = %error.source, "no timestamps reserved; tried again until the disk takes them");
                }
            }
            Err(error) => tracing::warn!(%error, "no timestamps reserved"),
        }
    }
}
