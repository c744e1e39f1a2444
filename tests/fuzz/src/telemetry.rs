//! KLV: packets, the sets in them, and the mapping of numbers.

use footage::klv::{CoreIdentifier, Imapb, Mapped, Security, UNIVERSAL_KEY, Uas, checksum};

/// The bytes as a packet, as the items of one, as the nested sets, and as words of ST 1201.
pub fn klv(bytes: &[u8]) {
    packet(bytes);
    packet(&wrapped(bytes));
    if let Some(core) = CoreIdentifier::decode(bytes) {
        assert_eq!(core.encode()[..], *bytes, "one spelling");
    }
    if let Ok(Some(security)) = Security::decode(bytes) {
        let mut once = Vec::new();
        security.encode(&mut once);
        let mut twice = Vec::new();
        Security::decode(&once).unwrap().unwrap().encode(&mut twice);
        assert_eq!(once, twice);
    }
    mapped(bytes);
}

/// A packet of these items whose length and checksum are right.
fn wrapped(items: &[u8]) -> Vec<u8> {
    let mut packet = UNIVERSAL_KEY.to_vec();
    packet.push(0x84);
    packet.extend_from_slice(&u32::try_from(items.len() + 4).unwrap().to_be_bytes());
    packet.extend_from_slice(items);
    packet.extend_from_slice(&[1, 2]);
    packet.extend_from_slice(&checksum(&packet).to_be_bytes());
    packet
}

fn packet(bytes: &[u8]) {
    let Ok(decoded) = Uas::decode(bytes) else { return };
    assert!(decoded.length <= bytes.len());
    let kept: usize = decoded.others.iter().map(|item| item.value.len()).sum();
    assert!(kept <= bytes.len());
    assert_eq!(Uas::decode(&bytes[..decoded.length]).map(|again| encoded(&again.uas)), Ok(encoded(&decoded.uas)));
    for short in 0..decoded.length.min(64) {
        assert!(Uas::decode(&bytes[..short]).is_err(), "a cut packet is none");
    }
    // What is written again may fall on a neighbouring step of a coarser item, once.
    let once = Uas::decode(&encoded(&decoded.uas)).unwrap();
    let twice = Uas::decode(&encoded(&once.uas)).unwrap();
    assert!(once.others.is_empty(), "{:?}", once.others);
    assert_eq!(encoded(&twice.uas), encoded(&once.uas), "{:?}", decoded.uas);
    assert_eq!(once.uas.timestamp_us, decoded.uas.timestamp_us);
    assert!(decoded.uas.missing_minimum_set().len() <= 64);
}

fn encoded(uas: &Uas) -> Vec<u8> {
    let mut out = Vec::new();
    uas.encode(&mut out);
    out
}

fn mapped(bytes: &[u8]) {
    let Some((&[width, low, high], word)) = bytes.split_first_chunk::<3>() else { return };
    let (octets, low) = (width % 8 + 1, -f64::from(low) * 100.0);
    let map = Imapb::new(octets, low, low + 1.0 + f64::from(high) * 77.0);
    match map.decode(word) {
        None => assert!(word.is_empty() || word.len() > 8),
        Some(Mapped::Special(_)) => {}
        Some(Mapped::Value(value)) => {
            assert!(value >= map.low() - map.step() * 256_f64.powi(8), "{value}");
            if word.len() == usize::from(octets) && (map.low()..=map.high()).contains(&value) {
                let again = map.encode(value).to_be_bytes();
                let back = map.decode(&again[8 - usize::from(octets)..]);
                assert!(
                    matches!(back, Some(Mapped::Value(back)) if (back - value).abs() <= map.step()),
                    "{map:?}: {word:?} is {value}, and comes back as {back:?}"
                );
            }
        }
    }
}
