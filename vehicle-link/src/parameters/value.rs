//! A parameter: its name, its value, and the two ways in which autopilots put an integer into a float.

use std::fmt;

/// Why a text is no parameter's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no parameter's name: 1 to 16 ASCII characters, as in MPC_XY_VEL_MAX")]
pub struct NameError(pub String);

/// 1 to 16 ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name([u8; 16]);

impl Name {
    /// As on the wire: filled with zero bytes. `None` when it is empty or not printable ASCII.
    pub(super) fn from_wire(bytes: [u8; 16]) -> Option<Self> {
        let len = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        let mut name = [0; 16];
        name[..len].copy_from_slice(&bytes[..len]);
        (len > 0 && bytes[..len].iter().all(u8::is_ascii_graphic)).then_some(Self(name))
    }

    pub(super) fn wire(self) -> [u8; 16] {
        self.0
    }
}

impl std::str::FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let mut bytes = [0; 16];
        let error = || NameError(text.to_owned());
        bytes.get_mut(..text.len()).ok_or_else(error)?.copy_from_slice(text.as_bytes());
        Self::from_wire(bytes).filter(|_| !text.contains('\0')).ok_or_else(error)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take_while(|byte| **byte != 0).try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// How integers travel in PARAM_VALUE's float.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Their bytes (PX4).
    Bytewise,
    /// As the float of the same value (ArduPilot): exact up to 2^24.
    CCast,
}

/// MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_BYTEWISE.
const BYTEWISE: u64 = 1 << 4;
/// MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_C_CAST.
const C_CAST: u64 = 1 << 17;
/// MAV_AUTOPILOT_ARDUPILOTMEGA.
const ARDUPILOT: u8 = 3;

impl Encoding {
    /// By AUTOPILOT_VERSION's capabilities; where they name none (older firmware), by the heartbeat's MAV_AUTOPILOT.
    pub fn of(capabilities: Option<u64>, autopilot: u8) -> Self {
        match capabilities.map(|bits| bits & (BYTEWISE | C_CAST)) {
            Some(BYTEWISE) => Self::Bytewise,
            Some(C_CAST) => Self::CCast,
            _ if autopilot == ARDUPILOT => Self::CCast,
            _ => Self::Bytewise,
        }
    }
}

/// A value with its MAV_PARAM_TYPE. Floats are compared by their bits.
#[derive(Debug, Clone, Copy)]
pub enum Value {
    /// UINT8.
    U8(u8),
    /// INT8.
    I8(i8),
    /// UINT16.
    U16(u16),
    /// INT16.
    I16(i16),
    /// UINT32.
    U32(u32),
    /// INT32.
    I32(i32),
    /// REAL32.
    F32(f32),
    /// A type that does not fit into four bytes, or newer than this program: the bits as they came.
    Other {
        /// MAV_PARAM_TYPE.
        kind: u8,
        /// The bits of the float.
        bits: u32,
    },
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        (self.kind(), self.bits(Encoding::Bytewise)) == (other.kind(), other.bits(Encoding::Bytewise))
    }
}

impl Eq for Value {}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::U8(value) => value.fmt(f),
            Self::I8(value) => value.fmt(f),
            Self::U16(value) => value.fmt(f),
            Self::I16(value) => value.fmt(f),
            Self::U32(value) => value.fmt(f),
            Self::I32(value) => value.fmt(f),
            Self::F32(value) => value.fmt(f),
            Self::Other { kind, bits } => write!(f, "bits {bits:#010x} of type {kind}"),
        }
    }
}

impl Value {
    /// MAV_PARAM_TYPE.
    pub fn kind(self) -> u8 {
        match self {
            Self::U8(_) => 1,
            Self::I8(_) => 2,
            Self::U16(_) => 3,
            Self::I16(_) => 4,
            Self::U32(_) => 5,
            Self::I32(_) => 6,
            Self::F32(_) => 9,
            Self::Other { kind, .. } => kind,
        }
    }

    /// Another value of the same type, from its text; nothing where the type has no such value.
    pub fn like(self, text: &str) -> Option<Self> {
        Some(match self {
            Self::U8(_) => Self::U8(text.parse().ok()?),
            Self::I8(_) => Self::I8(text.parse().ok()?),
            Self::U16(_) => Self::U16(text.parse().ok()?),
            Self::I16(_) => Self::I16(text.parse().ok()?),
            Self::U32(_) => Self::U32(text.parse().ok()?),
            Self::I32(_) => Self::I32(text.parse().ok()?),
            Self::F32(_) => Self::F32(text.parse().ok().filter(|value: &f32| value.is_finite())?),
            Self::Other { .. } => return None,
        })
    }

    /// The bits of PARAM_VALUE's float.
    #[expect(clippy::cast_precision_loss, reason = "the C cast is by definition one to a float")]
    pub(super) fn bits(self, encoding: Encoding) -> u32 {
        let cast = |value: f32, bytewise: u32| match encoding {
            Encoding::Bytewise => bytewise,
            Encoding::CCast => value.to_bits(),
        };
        match self {
            Self::U8(value) => cast(value.into(), value.into()),
            Self::I8(value) => cast(value.into(), u32::from(value.cast_unsigned())),
            Self::U16(value) => cast(value.into(), value.into()),
            Self::I16(value) => cast(value.into(), u32::from(value.cast_unsigned())),
            Self::U32(value) => cast(value as f32, value),
            Self::I32(value) => cast(value as f32, value.cast_unsigned()),
            Self::F32(value) => value.to_bits(),
            Self::Other { bits, .. } => bits,
        }
    }

    /// The value behind a float's bits and a MAV_PARAM_TYPE. A C cast out of the type's range ends at its limits.
    pub(super) fn read(kind: u8, bits: u32, encoding: Encoding) -> Self {
        match encoding {
            Encoding::Bytewise => Self::read_bytes(kind, bits),
            Encoding::CCast => Self::read_cast(kind, bits),
        }
    }

    fn read_bytes(kind: u8, bits: u32) -> Self {
        let [a, b, ..] = bits.to_le_bytes();
        let low = u16::from_le_bytes([a, b]);
        match kind {
            1 => Self::U8(a),
            2 => Self::I8(a.cast_signed()),
            3 => Self::U16(low),
            4 => Self::I16(low.cast_signed()),
            5 => Self::U32(bits),
            6 => Self::I32(bits.cast_signed()),
            9 => Self::F32(f32::from_bits(bits)),
            kind => Self::Other { kind, bits },
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "Rust's casts end at the limits, which is what is wanted of a wrong number"
    )]
    fn read_cast(kind: u8, bits: u32) -> Self {
        let value = f32::from_bits(bits);
        match kind {
            1 => Self::U8(value as u8),
            2 => Self::I8(value as i8),
            3 => Self::U16(value as u16),
            4 => Self::I16(value as i16),
            5 => Self::U32(value as u32),
            6 => Self::I32(value as i32),
            9 => Self::F32(value),
            kind => Self::Other { kind, bits },
        }
    }
}

/// A name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_pass_both_encodings() {
        let exact = [
            Value::U8(200),
            Value::I8(-3),
            Value::U16(60_000),
            Value::I16(-300),
            Value::U32(16_777_216),
            Value::I32(-16_777_216),
            Value::F32(-0.25),
            Value::F32(f32::NAN),
            Value::Other { kind: 10, bits: 7 },
        ];
        for encoding in [Encoding::Bytewise, Encoding::CCast] {
            for value in exact {
                assert_eq!(Value::read(value.kind(), value.bits(encoding), encoding), value, "{encoding:?}");
            }
        }
        let wide = Value::I32(i32::MIN + 1);
        assert_eq!(Value::read(6, wide.bits(Encoding::Bytewise), Encoding::Bytewise), wide);
        assert_eq!(Value::I32(1).bits(Encoding::CCast), 1.0_f32.to_bits());
        assert_eq!(Value::read(1, 300.0_f32.to_bits(), Encoding::CCast), Value::U8(255));
    }

    #[test]
    fn a_text_is_a_value_of_the_same_type_or_none() {
        assert_eq!(Value::U8(1).like("200"), Some(Value::U8(200)));
        assert_eq!(Value::I16(1).like("-3"), Some(Value::I16(-3)));
        assert_eq!(Value::F32(1.0).like("-2.5"), Some(Value::F32(-2.5)));
        for (value, text) in
            [(Value::U8(1), "256"), (Value::U32(1), "-1"), (Value::I32(1), "1.5"), (Value::F32(1.0), "NaN")]
        {
            assert_eq!(value.like(text), None, "{text}");
        }
        assert_eq!(Value::Other { kind: 10, bits: 0 }.like("1"), None);
    }

    #[test]
    fn capabilities_tell_the_encoding() {
        assert_eq!(Encoding::of(Some(C_CAST | 1), 12), Encoding::CCast);
        assert_eq!(Encoding::of(Some(BYTEWISE), ARDUPILOT), Encoding::Bytewise);
        assert_eq!(Encoding::of(Some(0), ARDUPILOT), Encoding::CCast);
        assert_eq!(Encoding::of(None, 12), Encoding::Bytewise);
    }

    #[test]
    fn names_are_short_and_printable() {
        let name: Name = "SIXTEEN_LETTERS_".parse().unwrap();
        assert_eq!(name.to_string(), "SIXTEEN_LETTERS_");
        for bad in ["", "SEVENTEEN_LETTERS", "A B", "A\0B", "Ä"] {
            assert_eq!(bad.parse::<Name>(), Err(NameError(bad.to_owned())));
        }
    }
}
