//! Bytes of a file to text, and text to a structure.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::assembly::Assembly;
use super::{Reading, Unreadable};

/// The text of a file: UTF-8, UTF-16 with its mark, or a code page of one byte a letter, in which only names can go wrong.
pub(super) fn decoded(bytes: &[u8], assembly: &mut Assembly) -> Reading<String> {
    let wide = |little: bool| {
        let (pairs, rest) = bytes[2..].as_chunks::<2>();
        let units = pairs.iter().map(|pair| if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) });
        let text = rest.is_empty().then(|| char::decode_utf16(units).collect::<Result<String, _>>().ok()).flatten();
        text.ok_or_else(|| Unreadable {
            place: "whole file".into(),
            what: "it begins as UTF-16 and is none".into(),
            cure: "save the file as UTF-8",
        })
    };
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        assembly.deviation("whole file", "it is UTF-16");
        return wide(bytes[0] == 0xff);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) if bytes.contains(&0) => Err(Unreadable {
            place: format!("byte {}", error.valid_up_to()),
            what: "it is no text".into(),
            cure: "take the dataset itself: ED-269, ED-318, GeoJSON, YAIXM or OpenAir; unpack an archive first",
        }),
        Err(error) => {
            let what = "it is not UTF-8: letters beyond ASCII are read as Latin-1 has them";
            assembly.deviation(&format!("byte {}", error.valid_up_to()), what);
            Ok(bytes.iter().map(|byte| char::from(*byte)).collect())
        }
    }
}

/// JSON; what only YAML allows (a comma before a bracket, `NaN`) is read as that.
pub(super) fn json(text: &str, assembly: &mut Assembly) -> Reading<Value> {
    let error = match serde_json::from_str::<Strict>(text) {
        Ok(Strict(value)) => return Ok(value),
        Err(error) => error,
    };
    let place = format!("line {}, column {}", error.line(), error.column());
    if error.is_syntax()
        && let Ok(Strict(value)) = serde_saphyr::from_str(text)
    {
        assembly.deviation(&place, format!("it is not JSON: {error}; it is read as YAML"));
        return Ok(value);
    }
    let cure = "download it again, or have it mended by whoever made it";
    Err(Unreadable { place, what: format!("it is not JSON: {error}"), cure })
}

pub(super) fn yaml(text: &str) -> Reading<Value> {
    serde_saphyr::from_str(text).map(|Strict(value)| value).map_err(|error| Unreadable {
        place: error
            .location()
            .map_or_else(|| "whole file".into(), |at| format!("line {}, column {}", at.line(), at.column())),
        what: "it is neither OpenAir nor YAML".into(),
        cure: "check that the file is a dataset of zones: ED-269, ED-318, GeoJSON, YAIXM or OpenAir",
    })
}

/// A value in which no member stands twice with two meanings: of those the one would be lost.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Members).map(Self)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if members.get(&name).is_some_and(|known| *known != value) {
                return Err(A::Error::custom(format_args!("`{name}` stands twice, with two values")));
            }
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}
