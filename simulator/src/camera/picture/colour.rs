//! Colours as video has them.

/// A colour in BT.709 limited range: luma 16..235, chroma about 128.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colour {
    /// Luma.
    pub y: f32,
    /// Blue difference.
    pub cb: f32,
    /// Red difference.
    pub cr: f32,
}

impl Colour {
    /// From sRGB-encoded red, green and blue.
    #[must_use]
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        let (r, g, b) = (red as f32 / 255.0, green as f32 / 255.0, blue as f32 / 255.0);
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        Self {
            y: 16.0 + 219.0 * luma,
            cb: 128.0 + 224.0 * (b - luma) / 1.8556,
            cr: 128.0 + 224.0 * (r - luma) / 1.5748,
        }
    }

    /// Lit by `light`: 1 as it is, 0 black.
    #[must_use]
    pub fn lit(self, light: f32) -> Self {
        let towards = |value: f32, origin: f32| origin + (value - origin) * light;
        let tint = light.min(1.0);
        Self {
            y: towards(self.y, 16.0).min(235.0),
            cb: 128.0 + (self.cb - 128.0) * tint,
            cr: 128.0 + (self.cr - 128.0) * tint,
        }
    }

    /// Between `self` (0) and `other` (1).
    #[must_use]
    pub fn mix(self, other: Self, fraction: f32) -> Self {
        let between = |a: f32, b: f32| a + (b - a) * fraction;
        Self { y: between(self.y, other.y), cb: between(self.cb, other.cb), cr: between(self.cr, other.cr) }
    }
}
