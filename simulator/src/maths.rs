//! Vectors and unit quaternions, as the physics and the camera need them.
//!
//! Axes are NED for the world (x north, y east, z down) and FRD for a body (x forward, y right, z down).

use std::ops::{Add, AddAssign, Mul, Neg, Sub};

/// Three components along the axes of the frame its owner names.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Vec3 {
    /// North, or forward.
    pub x: f64,
    /// East, or right.
    pub y: f64,
    /// Down.
    pub z: f64,
}

impl Vec3 {
    /// The null vector.
    pub const ZERO: Self = Self::new(0.0, 0.0, 0.0);

    /// A vector of its components.
    #[must_use]
    pub const fn new(x: f64, y: f64, z: f64) -> Self {
        Self { x, y, z }
    }

    /// Scalar product.
    #[must_use]
    pub fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    /// Vector product.
    #[must_use]
    pub fn cross(self, other: Self) -> Self {
        Self::new(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )
    }

    /// Length.
    #[must_use]
    pub fn norm(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// Length of the part in the x-y plane.
    #[must_use]
    pub fn horizontal_norm(self) -> f64 {
        self.x.hypot(self.y)
    }

    /// The part in the x-y plane.
    #[must_use]
    pub fn horizontal(self) -> Self {
        Self::new(self.x, self.y, 0.0)
    }

    /// The same direction, no longer than `limit`.
    #[must_use]
    pub fn limited(self, limit: f64) -> Self {
        let norm = self.norm();
        if norm > limit { self * (limit / norm) } else { self }
    }

    /// Between `self` (0) and `other` (1).
    #[must_use]
    pub fn lerp(self, other: Self, fraction: f64) -> Self {
        self + (other - self) * fraction
    }
}

impl Add for Vec3 {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Self::new(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}

impl AddAssign for Vec3 {
    fn add_assign(&mut self, o: Self) {
        *self = *self + o;
    }
}

impl Sub for Vec3 {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        Self::new(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}

impl Mul<f64> for Vec3 {
    type Output = Self;
    fn mul(self, k: f64) -> Self {
        Self::new(self.x * k, self.y * k, self.z * k)
    }
}

impl Neg for Vec3 {
    type Output = Self;
    fn neg(self) -> Self {
        self * -1.0
    }
}

/// Roll, pitch and yaw of the z-y'-x'' sequence (yaw first), in radians.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Euler {
    /// About the forward axis.
    pub roll_rad: f64,
    /// About the right axis, nose up positive.
    pub pitch_rad: f64,
    /// About the down axis, from north by east.
    pub yaw_rad: f64,
}

/// A rotation: [`Quat::rotate`] takes body axes to world axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quat {
    /// Scalar part.
    pub w: f64,
    /// Vector part.
    pub v: Vec3,
}

impl Default for Quat {
    fn default() -> Self {
        Self::IDENTITY
    }
}

impl Quat {
    /// No rotation.
    pub const IDENTITY: Self = Self { w: 1.0, v: Vec3::ZERO };

    /// The rotation of an Euler sequence.
    #[must_use]
    pub fn from_euler(e: Euler) -> Self {
        let turn = |axis: Vec3, angle: f64| Self { w: (angle / 2.0).cos(), v: axis * (angle / 2.0).sin() };
        turn(Vec3::new(0.0, 0.0, 1.0), e.yaw_rad)
            * turn(Vec3::new(0.0, 1.0, 0.0), e.pitch_rad)
            * turn(Vec3::new(1.0, 0.0, 0.0), e.roll_rad)
    }

    /// The rotation about `v` by its length in radians.
    #[must_use]
    pub fn from_rotation_vector(v: Vec3) -> Self {
        let angle = v.norm();
        let scale = if angle < 1e-9 { 0.5 } else { (angle / 2.0).sin() / angle };
        Self { w: (angle / 2.0).cos(), v: v * scale }.normalised()
    }

    /// The rotation whose body x, y, z axes are these orthonormal world vectors.
    #[must_use]
    pub fn from_axes(x: Vec3, y: Vec3, z: Vec3) -> Self {
        let trace = x.x + y.y + z.z;
        let q = if trace > 0.0 {
            let s = (trace + 1.0).sqrt() * 2.0;
            Self { w: s / 4.0, v: Vec3::new((y.z - z.y) / s, (z.x - x.z) / s, (x.y - y.x) / s) }
        } else if x.x > y.y && x.x > z.z {
            let s = (1.0 + x.x - y.y - z.z).sqrt() * 2.0;
            Self { w: (y.z - z.y) / s, v: Vec3::new(s / 4.0, (y.x + x.y) / s, (z.x + x.z) / s) }
        } else if y.y > z.z {
            let s = (1.0 + y.y - x.x - z.z).sqrt() * 2.0;
            Self { w: (z.x - x.z) / s, v: Vec3::new((y.x + x.y) / s, s / 4.0, (z.y + y.z) / s) }
        } else {
            let s = (1.0 + z.z - x.x - y.y).sqrt() * 2.0;
            Self { w: (x.y - y.x) / s, v: Vec3::new((z.x + x.z) / s, (z.y + y.z) / s, s / 4.0) }
        };
        q.normalised()
    }

    /// Roll, pitch, yaw of this rotation.
    #[must_use]
    pub fn to_euler(self) -> Euler {
        let (w, x, y, z) = (self.w, self.v.x, self.v.y, self.v.z);
        Euler {
            roll_rad: (2.0 * (w * x + y * z)).atan2(1.0 - 2.0 * (x * x + y * y)),
            pitch_rad: (2.0 * (w * y - z * x)).clamp(-1.0, 1.0).asin(),
            yaw_rad: (2.0 * (w * z + x * y)).atan2(1.0 - 2.0 * (y * y + z * z)),
        }
    }

    /// The inverse rotation.
    #[must_use]
    pub fn inverse(self) -> Self {
        Self { w: self.w, v: -self.v }
    }

    /// A body vector in world axes.
    #[must_use]
    pub fn rotate(self, v: Vec3) -> Vec3 {
        let t = self.v.cross(v) * 2.0;
        v + t * self.w + self.v.cross(t)
    }

    /// The rotation vector from `self` to `target`, in body axes, by the shorter way.
    #[must_use]
    pub fn error_to(self, target: Self) -> Vec3 {
        let e = self.inverse() * target;
        let (w, v) = if e.w < 0.0 { (-e.w, -e.v) } else { (e.w, e.v) };
        let sine = v.norm();
        if sine < 1e-9 { v * 2.0 } else { v * (2.0 * sine.atan2(w) / sine) }
    }

    /// Between `self` (0) and `other` (1) on the great arc.
    #[must_use]
    pub fn slerp(self, other: Self, fraction: f64) -> Self {
        self * Self::from_rotation_vector(self.error_to(other) * fraction)
    }

    fn normalised(self) -> Self {
        let norm = (self.w * self.w + self.v.dot(self.v)).sqrt();
        Self { w: self.w / norm, v: self.v * (1.0 / norm) }
    }
}

impl Mul for Quat {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        Self { w: self.w * o.w - self.v.dot(o.v), v: o.v * self.w + self.v * o.w + self.v.cross(o.v) }.normalised()
    }
}

/// An angle in −π..π.
#[must_use]
pub fn wrap_pi(angle_rad: f64) -> f64 {
    let turns = (angle_rad + std::f64::consts::PI).rem_euclid(std::f64::consts::TAU);
    turns - std::f64::consts::PI
}

/// An angle in 0..360.
#[must_use]
pub fn wrap_360(angle_deg: f64) -> f64 {
    angle_deg.rem_euclid(360.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn euler_round_trip(roll in -1.5f64..1.5, pitch in -1.5f64..1.5, yaw in -3.1f64..3.1) {
            let e = Euler { roll_rad: roll, pitch_rad: pitch, yaw_rad: yaw };
            let back = Quat::from_euler(e).to_euler();
            prop_assert!((back.roll_rad - roll).abs() < 1e-9);
            prop_assert!((back.pitch_rad - pitch).abs() < 1e-9);
            prop_assert!((back.yaw_rad - yaw).abs() < 1e-9);
        }

        #[test]
        fn axes_and_error_agree(roll in -1.5f64..1.5, pitch in -1.5f64..1.5, yaw in -3.1f64..3.1) {
            let q = Quat::from_euler(Euler { roll_rad: roll, pitch_rad: pitch, yaw_rad: yaw });
            let axes = Quat::from_axes(
                q.rotate(Vec3::new(1.0, 0.0, 0.0)),
                q.rotate(Vec3::new(0.0, 1.0, 0.0)),
                q.rotate(Vec3::new(0.0, 0.0, 1.0)),
            );
            prop_assert!(q.error_to(axes).norm() < 1e-7);
            prop_assert!(Quat::IDENTITY.slerp(q, 1.0).error_to(q).norm() < 1e-7);
        }
    }

    #[test]
    fn yaw_turns_north_to_east() {
        let q = Quat::from_euler(Euler { yaw_rad: std::f64::consts::FRAC_PI_2, ..Euler::default() });
        let east = q.rotate(Vec3::new(1.0, 0.0, 0.0));
        assert!((east - Vec3::new(0.0, 1.0, 0.0)).norm() < 1e-12);
    }
}
