//! What the dialect says of each message id: its checksum seed and where its target bytes lie.
//!
//! Routing must know whom a frame is for even when the frame does not parse (a COMMAND_LONG with
//! a command newer than our dialect), so the places of `target_system` and `target_component` are
//! found once, from the dialect's own serialiser, and read from the raw payload afterwards.

use std::sync::LazyLock;

use mavlink::{MavlinkVersion, Message};

use crate::dialect::MavMessage;

/// One more than the largest id looked for. `common` ends at 12920.
const IDS: u32 = 16_384;
/// Longest payload, bytes.
const MAX_PAYLOAD: usize = 255;

/// What is known of one message id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Seed added to the checksum, so that both ends agree about the message's layout.
    pub crc_extra: u8,
    /// Offset in the payload of `target_system`, where the message has one.
    pub target_system_at: Option<u8>,
    /// Offset in the payload of `target_component`, where the message has one.
    pub target_component_at: Option<u8>,
}

static ENTRIES: LazyLock<Vec<Option<Entry>>> = LazyLock::new(|| (0..IDS).map(describe).collect());

/// The entry of message `id`, or `None` when the dialect does not know it.
pub fn entry(id: u32) -> Option<Entry> {
    let index = usize::try_from(id).ok()?;
    ENTRIES.get(index).copied().flatten()
}

fn describe(id: u32) -> Option<Entry> {
    let message = MavMessage::default_message_from_id(id)?;
    Some(Entry {
        crc_extra: MavMessage::extra_crc(id),
        target_system_at: offset_of(&message, MavMessage::target_system_id_mut),
        target_component_at: offset_of(&message, MavMessage::target_component_id_mut),
    })
}

/// Where the byte behind `field` lands in the payload: the one place that differs between two values.
fn offset_of(message: &MavMessage, field: impl for<'a> Fn(&'a mut MavMessage) -> Option<&'a mut u8>) -> Option<u8> {
    let serialised = |value: u8| -> Option<[u8; MAX_PAYLOAD]> {
        let mut message = message.clone();
        *field(&mut message)? = value;
        let mut payload = [0; MAX_PAYLOAD];
        message.ser(MavlinkVersion::V2, &mut payload);
        Some(payload)
    };
    let (one, other) = (serialised(0x55)?, serialised(0xAA)?);
    let at = one.iter().zip(&other).position(|(a, b)| a != b)?;
    u8::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Offsets and seeds quoted from the message definitions (mavlink.io, `common.xml`).
    #[test]
    fn knows_seeds_and_targets() {
        let heartbeat = entry(0).unwrap();
        assert_eq!((heartbeat.crc_extra, heartbeat.target_system_at), (50, None));
        let command_long = entry(76).unwrap();
        assert_eq!(command_long, Entry { crc_extra: 152, target_system_at: Some(30), target_component_at: Some(31) });
        let mission_item_int = entry(73).unwrap();
        assert_eq!(
            mission_item_int,
            Entry { crc_extra: 38, target_system_at: Some(32), target_component_at: Some(33) }
        );
    }

    #[test]
    fn a_seed_of_zero_is_not_an_unknown_message() {
        assert_eq!(entry(395).unwrap().crc_extra, 0); // COMPONENT_INFORMATION
        assert_eq!(entry(150), None); // SENSOR_OFFSETS belongs to ardupilotmega
        assert_eq!(entry(u32::MAX), None);
    }
}
