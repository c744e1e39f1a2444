//! The courier on a link.

use std::time::Duration;

use anyhow::{Result, bail};
use vehicle_link::frames::Frame;
use vehicle_link::peers::Address;
use vehicle_link::tunnel::Tunnel;

use super::{Delivered, Message, courier::Courier};
use crate::clock;
use crate::link::{Converse, text_of};
use crate::record::order::body_of;
use crate::signer::Signs;

/// How long the aircraft may take to have papers over a bad radio.
const PATIENCE: Duration = Duration::from_secs(60);
/// How refusals of the aircraft begin, in STATUSTEXT.
const REFUSED: &str = "Papers ";

/// Papers and alerts on their way to one aircraft.
pub(crate) struct Carried<'a> {
    courier: Courier,
    camera: Address,
    signer: &'a Signs,
}

impl<'a> Carried<'a> {
    /// With these papers, packed, for the recorder at `camera`.
    pub(crate) fn new(papers: Option<Vec<u8>>, camera: Address, signer: &'a Signs) -> Self {
        Self { courier: Courier::new(papers), camera, signer }
    }

    /// One more alert to deliver.
    pub(crate) fn alert(&mut self, alert: Message) {
        self.courier.alert(alert);
    }

    /// Alerts that are not delivered.
    pub(crate) fn undelivered(&self) -> usize {
        self.courier.undelivered()
    }

    /// Takes what came, if anything did, and sends what is due; what the aircraft has now.
    ///
    /// # Errors
    /// When the aircraft refuses, with its words.
    pub(crate) fn step(&mut self, link: &mut impl Converse, frame: Option<&Frame>) -> Result<Option<Delivered>> {
        let now_ns = clock::mono_ns();
        let mut delivered = None;
        if let Some(frame) = frame.filter(|frame| Address::of(frame) == self.camera) {
            if let Some(words) = text_of(frame).filter(|words| words.starts_with(REFUSED)) {
                bail!("the aircraft says: {words}");
            }
            delivered = body_of(frame).and_then(|body| self.courier.hear(&body, now_ns));
        }
        let utc_us = clock::now_utc_us();
        if let Some(body) = self.courier.tick(now_ns, utc_us, self.signer.key(utc_us)?) {
            link.tell(&Tunnel::to(self.camera, body.payload_type(), body.encode()))?;
        }
        Ok(delivered)
    }
}

/// Waits until the aircraft has the papers.
///
/// # Errors
/// When it refuses them, or does not say so in time.
pub(crate) async fn deliver(carried: &mut Carried<'_>, link: &mut impl Converse) -> Result<Delivered> {
    let until_ns = clock::mono_ns() + u64::try_from(PATIENCE.as_nanos()).unwrap_or(u64::MAX);
    while clock::mono_ns() < until_ns {
        let frame = link.next().await?;
        if let Some(delivered) = carried.step(link, frame.as_ref())? {
            return Ok(delivered);
        }
    }
    if !carried.courier.is_heard() {
        bail!(
            "camera {} names no flight and does not say that it is ready, in {} s: is it Skyseal's, and does --mavlink reach it?",
            carried.camera,
            PATIENCE.as_secs()
        );
    }
    bail!("the aircraft does not say that it has the papers after {} s; it may have part of them", PATIENCE.as_secs())
}
