//! The pictures since the last key frame.

use std::sync::Arc;

use super::Place;

/// One picture as it was recorded or shown.
#[derive(Debug, Clone)]
pub struct Shot {
    /// Access unit.
    pub picture: Arc<[u8]>,
    /// When it was shot, POSIX µs.
    pub utc_us: i64,
    /// Where from.
    pub place: Place,
}

/// What a still is made from. Bounded; at the bound all is forgotten until the next key frame.
#[derive(Debug, Default)]
pub struct Recent {
    shots: Vec<Shot>,
    bytes: usize,
}

impl Recent {
    /// Most pictures kept: 10 s at 60 a second.
    const MAX_PICTURES: usize = 600;
    /// Most bytes kept.
    const MAX_BYTES: usize = 32 << 20;

    /// Keeps a picture; a key frame begins anew.
    pub(crate) fn push(&mut self, key: bool, shot: Shot) {
        if key {
            self.clear();
        } else if self.shots.is_empty() {
            return;
        }
        let bytes = self.bytes + shot.picture.len();
        if self.shots.len() == Self::MAX_PICTURES || bytes > Self::MAX_BYTES {
            return self.clear();
        }
        self.bytes = bytes;
        self.shots.push(shot);
    }

    /// Forgets all: the camera was connected anew.
    pub(crate) fn clear(&mut self) {
        self.shots.clear();
        self.bytes = 0;
    }

    /// All that the newest picture needs to be decoded, in decoding order.
    #[must_use]
    pub fn shots(&self) -> Vec<Shot> {
        self.shots.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shot(utc_us: i64, bytes: usize) -> Shot {
        Shot { picture: vec![0; bytes].into(), utc_us, place: Place::default() }
    }

    fn times(recent: &Recent) -> Vec<i64> {
        recent.shots().iter().map(|shot| shot.utc_us).collect()
    }

    #[test]
    fn it_begins_with_a_key_frame_and_is_bounded() {
        let mut recent = Recent::default();
        recent.push(false, shot(0, 1));
        assert!(times(&recent).is_empty(), "nothing can be decoded from here");
        for (key, utc_us) in [(true, 1), (false, 2), (true, 3), (false, 4)] {
            recent.push(key, shot(utc_us, 1));
        }
        assert_eq!(times(&recent), [3, 4]);
        recent.push(true, shot(5, Recent::MAX_BYTES));
        recent.push(false, shot(6, 1));
        recent.push(false, shot(7, 1));
        assert!(times(&recent).is_empty());
        recent.push(true, shot(8, 1));
        (0..2 * Recent::MAX_PICTURES).for_each(|_| recent.push(false, shot(9, 1)));
        assert!(recent.shots.len() <= Recent::MAX_PICTURES);
    }
}
