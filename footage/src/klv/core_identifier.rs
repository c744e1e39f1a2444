//! The MIIS core identifier, MISB ST 1204.3: which sensor on which platform made the pictures.

/// How sure an identifier is, ST 1204 table 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// Given out by an authority.
    Managed,
    /// Belongs to software or to an exchangeable part.
    Virtual,
    /// Belongs to the device itself.
    Physical,
}

impl Quality {
    const fn code(self) -> u8 {
        match self {
            Self::Managed => 1,
            Self::Virtual => 2,
            Self::Physical => 3,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code & 3 {
            1 => Some(Self::Managed),
            2 => Some(Self::Virtual),
            3 => Some(Self::Physical),
            _ => None,
        }
    }
}

/// A foundational core identifier of sensor and platform (34 octets: version, usage, two UUIDs).
///
/// ST 1204 appendix A allows UUIDs of versions 1, 4 and 5 only; the caller hands in such ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoreIdentifier {
    /// UUID of the sensor.
    pub sensor: [u8; 16],
    /// How sure the sensor's UUID is.
    pub sensor_quality: Quality,
    /// UUID of the platform.
    pub platform: [u8; 16],
    /// How sure the platform's UUID is.
    pub platform_quality: Quality,
}

impl CoreIdentifier {
    /// The value of tag 94.
    #[must_use]
    pub fn encode(&self) -> [u8; 34] {
        let mut value = [0; 34];
        value[0] = 1;
        value[1] = (self.sensor_quality.code() << 5) | (self.platform_quality.code() << 3);
        value[2..18].copy_from_slice(&self.sensor);
        value[18..].copy_from_slice(&self.platform);
        value
    }

    /// Reads a value of tag 94; `None` when it is not version 1 with exactly a sensor and a platform.
    #[must_use]
    pub fn decode(value: &[u8]) -> Option<Self> {
        let value: &[u8; 34] = value.try_into().ok()?;
        if value[0] != 1 || value[1] & 0b1000_0111 != 0 {
            return None;
        }
        Some(Self {
            sensor: *value[2..18].as_array()?,
            sensor_quality: Quality::from_code(value[1] >> 5)?,
            platform: *value[18..].as_array()?,
            platform_quality: Quality::from_code(value[1] >> 3)?,
        })
    }
}
