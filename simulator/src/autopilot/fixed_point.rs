//! Physical values as MAVLink's integers: rounded, and held at the type's limits.

macro_rules! rounding {
    ($($(#[$doc:meta])* $name:ident -> $to:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[expect(clippy::cast_possible_truncation, reason = "a float to integer `as` saturates, which is the wish")]
        #[allow(clippy::cast_sign_loss, reason = "as above: negatives become 0")]
        pub fn $name(value: f64) -> $to {
            value.round() as $to
        }
    )*};
}

rounding! {
    /// To `i8`.
    i8_of -> i8;
    /// To `u8`.
    u8_of -> u8;
    /// To `i16`.
    i16_of -> i16;
    /// To `u16`.
    u16_of -> u16;
    /// To `i32`.
    i32_of -> i32;
    /// To `u32`.
    u32_of -> u32;
}

/// To the wire's single precision.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "MAVLink's fields are single precision")]
pub fn f32_of(value: f64) -> f32 {
    value as f32
}

/// Degrees as MAVLink's 1e-7 degrees.
#[must_use]
pub fn deg_e7(degrees: f64) -> i32 {
    i32_of(degrees * 1e7)
}
