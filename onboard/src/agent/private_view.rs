//! The actor around [`Privacy`]: calls, answers offers, and gives the live view its keys or takes them away.

use anyhow::Result;
use flight_record::keys::DeviceKey;
use flight_record::radio::{Agreement, Body, LiveCall, LiveOffer};
use flight_record::trust::TrustList;
use flight_record::{FlightId, Stamp, live};
use vehicle_link::hub::{Hub, PeerId};
use vehicle_link::peers::Address;

use super::cameras::Cameras;
use super::radio::tell;
use crate::config::Protection;
use crate::uplink::Live;
use crate::uplink::privacy::{Heard, Privacy, Refused};

/// Between two complaints about offers that were refused.
const COMPLAINT_NS: u64 = 10_000_000_000;

/// An offer as it came, and the way back.
pub(super) struct Offer {
    pub(super) offer: LiveOffer,
    pub(super) from: Address,
    pub(super) peer: PeerId,
}

/// The live view of an aircraft, which only a station that agreed keys can see.
pub(super) struct PrivateView {
    machine: Privacy,
    live: Live,
    device: DeviceKey,
    /// Refusals told so far, and when last.
    told: (Refused, u64),
}

impl PrivateView {
    /// Of the device with this key, where there is a live view and it is not sent plain.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub(super) fn new(live: Option<&Live>, device: &DeviceKey) -> Result<Option<Self>> {
        let Some(live) = live.filter(|live| live.protection() == Protection::Srtp) else { return Ok(None) };
        let machine = Privacy::new(device.public().id(), live::boot()?);
        Ok(Some(Self { machine, live: live.clone(), device: device.clone(), told: (Refused::default(), 0) }))
    }

    /// A station offers keys; strangers hear nothing.
    pub(super) fn hear(
        &mut self,
        came: &Offer,
        trust: &TrustList,
        (flight, at): (Option<FlightId>, Stamp),
        (hub, cameras): (&Hub, &mut Cameras),
    ) {
        let Offer { offer, from, peer } = came;
        let answer = match self.machine.hear(offer, trust, flight, at) {
            Heard::Again(answer) => answer,
            Heard::Ignored => return,
            Heard::New(station) => match live::answer(offer, &self.device) {
                Ok(Some((answer, keys))) => {
                    let name = trust.entry(station).map(|entry| entry.name.to_string());
                    tracing::info!(%station, name, "live view: keys agreed");
                    self.machine.answered(station, offer.clone(), answer.clone());
                    self.live.protect(Some(keys));
                    answer
                }
                Ok(None) => return tracing::warn!(%station, "live view: a half of small order"),
                Err(error) => return tracing::error!(%error, "live view: no keys"),
            },
        };
        tell(&Body::Agreement(Agreement::Answer(answer)), *from, *peer, hub, cameras);
    }

    /// Time passes: keys that hold no longer are dropped; the call that is due comes back.
    pub(super) fn tick(&mut self, trust: &TrustList, flight: Option<FlightId>, at: Stamp) -> Option<LiveCall> {
        if self.machine.is_over(trust, flight, at) {
            tracing::info!("live view: the keys hold no longer; nothing is sent until a station agrees new ones");
            self.live.protect(None);
        }
        let refused = self.machine.refused();
        if refused != self.told.0 && at.mono_ns.saturating_sub(self.told.1) >= COMPLAINT_NS {
            tracing::warn!(%refused, "live view: offers of keys without an answer");
            self.told = (refused, at.mono_ns);
        }
        self.machine.call(flight, at.mono_ns, &self.device)
    }
}
