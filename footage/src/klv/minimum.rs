//! The minimum metadata set, MISB ST 0902.8.

use super::items;
use super::uas::Uas;

impl Uas {
    /// Tags of the minimum set that [`Uas::encode`] would leave out, by the tag each is known by (6 for pitch, 15 for
    /// height, 22 for width), ascending. Tags 1, 2 and 65 are always written.
    ///
    /// An item that carries its error value is there: the set is complete, the value is said to be unknown.
    #[must_use]
    pub fn missing_minimum_set(&self) -> Vec<u8> {
        let number = |tag| items::number(tag).is_some_and(|item| item.encode(self).is_some());
        let text = |text: &Option<std::sync::Arc<str>>| text.as_ref().is_some_and(|text| !text.is_empty());
        let present = [
            (3, text(&self.mission_id)),
            (5, number(5)),
            (6, number(6) || number(90)),
            (7, number(7) || number(91)),
            (10, text(&self.platform_designation)),
            (11, text(&self.image_source_sensor)),
            (12, text(&self.image_coordinate_system)),
            (13, number(13)),
            (14, number(14)),
            (15, number(15) || number(75) || number(104)),
            (16, number(16)),
            (17, number(17)),
            (18, number(18)),
            (19, number(19)),
            (20, number(20)),
            (21, number(21)),
            (22, number(22) || number(96)),
            (23, number(23)),
            (24, number(24)),
            (25, number(25)),
            (48, self.security.is_some()),
            (94, self.core_identifier.is_some()),
        ];
        present.into_iter().filter(|&(_, there)| !there).map(|(tag, _)| tag).collect()
    }
}
