//! The security set nested in tag 48, MISB ST 0102.12.

use std::sync::Arc;

use super::KlvError;
use super::ber::{Cursor, push_value};

/// ST 0102 tag 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Classification {
    /// Unclassified.
    Unclassified,
    /// Restricted.
    Restricted,
    /// Confidential.
    Confidential,
    /// Secret.
    Secret,
    /// Top secret.
    TopSecret,
}

impl Classification {
    const ALL: [Self; 5] = [Self::Unclassified, Self::Restricted, Self::Confidential, Self::Secret, Self::TopSecret];

    const fn code(self) -> u8 {
        match self {
            Self::Unclassified => 1,
            Self::Restricted => 2,
            Self::Confidential => 3,
            Self::Secret => 4,
            Self::TopSecret => 5,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|classification| classification.code() == code)
    }
}

/// The six unconditional items of ST 0102 (those ST 0902 asks for) and the three that apply when a marking does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Security {
    /// Tag 1.
    pub classification: Classification,
    /// Tag 2: how [`Self::classifying_country`] and the releasing instructions are coded; 14 is GENC three letters.
    pub country_coding: u8,
    /// Tag 3, without the leading `//`: printable ASCII, e.g. `GBR`.
    pub classifying_country: Arc<str>,
    /// Tag 4, ended by `//` as ST 0102 has it.
    pub sci_shi: Option<Arc<str>>,
    /// Tag 5.
    pub caveats: Option<Arc<str>>,
    /// Tag 6: country codes separated by one blank.
    pub releasing: Option<Arc<str>>,
    /// Tag 12: how [`Self::object_countries`] is coded; 14 is GENC three letters.
    pub object_country_coding: u8,
    /// Tag 13: countries the pictures show, separated by `;`.
    pub object_countries: Arc<str>,
    /// Tag 22: version of ST 0102 in use.
    pub version: u16,
}

/// Longest text of one item; what is longer is cut at a character.
const TEXT_OCTETS: usize = 127;
const GENC_THREE_LETTERS: u8 = 14;

impl Security {
    /// Unclassified footage of a country, by its GENC three-letter code (`GBR`).
    #[must_use]
    pub fn unclassified(country: &str) -> Self {
        Self {
            classification: Classification::Unclassified,
            country_coding: GENC_THREE_LETTERS,
            classifying_country: country.into(),
            sci_shi: None,
            caveats: None,
            releasing: None,
            object_country_coding: GENC_THREE_LETTERS,
            object_countries: country.into(),
            version: 12,
        }
    }

    /// Appends the value of tag 48.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[1, 1, self.classification.code(), 2, 1, self.country_coding]);
        push_text(out, 3, "//", &self.classifying_country);
        for (tag, text) in [(4, &self.sci_shi), (5, &self.caveats), (6, &self.releasing)] {
            if let Some(text) = text {
                push_text(out, tag, "", text);
            }
        }
        out.extend_from_slice(&[12, 1, self.object_country_coding, 13]);
        push_value(out, |out| {
            for unit in self.object_countries.encode_utf16().take(TEXT_OCTETS / 2) {
                out.extend_from_slice(&unit.to_be_bytes());
            }
        });
        out.extend_from_slice(&[22, 2]);
        out.extend_from_slice(&self.version.to_be_bytes());
    }

    /// Reads a value of tag 48. `Ok(None)` when an item ST 0102 always requires is absent or has no meaning.
    ///
    /// # Errors
    /// The set is cut or its lengths lead outside it.
    pub fn decode(value: &[u8]) -> Result<Option<Self>, KlvError> {
        let mut cursor = Cursor::new(value);
        let mut items: [Option<&[u8]>; 23] = [None; 23];
        while !cursor.rest.is_empty() {
            let (tag, item) = cursor.item()?;
            if let Some(slot) = usize::try_from(tag).ok().and_then(|tag| items.get_mut(tag)) {
                *slot = Some(item);
            }
        }
        Ok(Self::from_items(&items))
    }

    fn from_items(items: &[Option<&[u8]>; 23]) -> Option<Self> {
        let octet = |tag: usize| items[tag]?.as_array::<1>().map(|&[octet]| octet);
        let text = |tag: usize| std::str::from_utf8(items[tag]?).ok();
        let (units, []) = items[13]?.as_chunks::<2>() else {
            return None;
        };
        let units = units.iter().map(|&unit| u16::from_be_bytes(unit));
        let objects: String = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
        Some(Self {
            classification: Classification::from_code(octet(1)?)?,
            country_coding: octet(2)?,
            classifying_country: text(3)?.trim_start_matches('/').into(),
            sci_shi: text(4).map(Arc::from),
            caveats: text(5).map(Arc::from),
            releasing: text(6).map(Arc::from),
            object_country_coding: octet(12)?,
            object_countries: objects.into(),
            version: u16::from_be_bytes(*items[22]?.as_array()?),
        })
    }
}

fn push_text(out: &mut Vec<u8>, tag: u8, prefix: &str, text: &str) {
    out.push(tag);
    push_value(out, |out| {
        out.extend_from_slice(prefix.as_bytes());
        let end = text.floor_char_boundary(TEXT_OCTETS - prefix.len());
        out.extend_from_slice(&text.as_bytes()[..end]);
    });
}
