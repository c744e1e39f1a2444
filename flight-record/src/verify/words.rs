//! The words of a verdict: three axes and a clock, and the one word that a flight gets from them.

use serde::{Serialize, Serializer};
use std::fmt;

/// Whether what is there is what was recorded. Ordered from best to worst: a flight is as bad as its worst item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Integrity {
    /// As recorded.
    Intact,
    /// Footage behind the last attestation made in flight.
    UnattestedTail,
    /// A file ends before its end.
    Incomplete,
    /// The recorder itself says that something is missing.
    Gap,
    /// A file or record that is named is not there.
    Missing,
    /// The log ends before its end.
    Truncated,
    /// Records, heads or segments stand in another order, or twice.
    OutOfOrder,
    /// Something of another flight.
    WrongFlight,
    /// Two histories signed by the same device.
    Equivocation,
    /// Bytes are not the ones that were recorded.
    Altered,
    /// A key that the unit does not vouch for.
    KeyUntrusted,
    /// Not in the format, or a signature that does not verify.
    Malformed,
}

impl fmt::Display for Integrity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Intact => "INTACT",
            Self::UnattestedTail => "UNATTESTED-TAIL",
            Self::Incomplete => "INCOMPLETE",
            Self::Gap => "GAP",
            Self::Missing => "MISSING",
            Self::Truncated => "TRUNCATED",
            Self::OutOfOrder => "OUT-OF-ORDER",
            Self::WrongFlight => "WRONG-FLIGHT",
            Self::Equivocation => "EQUIVOCATION",
            Self::Altered => "ALTERED",
            Self::KeyUntrusted => "KEY-UNTRUSTED",
            Self::Malformed => "MALFORMED",
        })
    }
}

impl Serialize for Integrity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Whether the ground saw the tree heads while the flight flew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Witness {
    /// Every item within the bound.
    Full,
    /// Every item, some of them late.
    Late,
    /// Some items.
    Partial,
    /// None.
    None,
}

/// Whether the footage itself was looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// Every file was decrypted and read.
    Opened,
    /// Only the encrypted files were compared with the records.
    Sealed,
}

/// Whether the clock is believable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Time {
    /// It is.
    Ok,
    /// It is not.
    Suspect,
}

/// The word of a flight, or of an extract of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Word {
    /// Anything but intact.
    Doubt(Integrity),
    /// Intact, but the clock contradicts itself.
    ClockSuspect,
    /// Intact; nobody on the ground saw it while it flew.
    VerifiedUnwitnessed,
    /// Intact and witnessed; not looked into.
    VerifiedSealedOnly,
    /// Intact, witnessed, opened.
    Verified,
    /// An extract: what is here is intact; not all of it was seen from the ground in time.
    ExtractUnwitnessed,
    /// An extract: what is here is intact and witnessed.
    Extract,
}

impl Word {
    /// The first that applies.
    pub fn of(integrity: Integrity, witness: Witness, content: Content, time: Time) -> Self {
        match (integrity, witness, content, time) {
            (Integrity::Intact, Witness::Full, Content::Opened, Time::Ok) => Self::Verified,
            (Integrity::Intact, Witness::Full, Content::Sealed, Time::Ok) => Self::VerifiedSealedOnly,
            (Integrity::Intact, Witness::Late | Witness::Partial | Witness::None, _, Time::Ok) => {
                Self::VerifiedUnwitnessed
            }
            (Integrity::Intact, _, _, Time::Suspect) => Self::ClockSuspect,
            (doubt, _, _, _) => Self::Doubt(doubt),
        }
    }

    /// The first that applies to an extract. It is never VERIFIED: what is left out is not judged.
    pub fn of_extract(integrity: Integrity, witness: Witness, time: Time) -> Self {
        match (integrity, witness, time) {
            (Integrity::Intact, Witness::Full, Time::Ok) => Self::Extract,
            (Integrity::Intact, Witness::Late | Witness::Partial | Witness::None, Time::Ok) => Self::ExtractUnwitnessed,
            (Integrity::Intact, _, Time::Suspect) => Self::ClockSuspect,
            (doubt, _, _) => Self::Doubt(doubt),
        }
    }

    /// What the word means for the evidence.
    pub fn meaning(self, witness: Witness) -> &'static str {
        match self {
            Self::VerifiedUnwitnessed if witness == Witness::Late => {
                "Every record, tree head and file is as the device recorded it. The ground saw all of it while it flew, but some of it too late: whoever held the device's key could have made that part again before it was seen."
            }
            Self::VerifiedUnwitnessed if witness == Witness::Partial => {
                "Every record, tree head and file is as the device recorded it. The ground saw only a part of it while it flew; the rest whoever holds the device's key could have made later."
            }
            Self::Verified => {
                "Every record, tree head and file is as the device recorded it, the ground saw it while it flew, and the footage was opened and agrees."
            }
            Self::VerifiedSealedOnly => {
                "Every record, tree head and encrypted file is as the device recorded it and the ground saw it while it flew. The footage was not opened."
            }
            Self::VerifiedUnwitnessed => {
                "Every record, tree head and file is as the device recorded it. Nobody on the ground saw it while it flew, so whoever holds the device's key could have made it later."
            }
            Self::Extract => {
                "Part of a flight. Each file here is as the device recorded it, in its place in the flight's log, and the ground saw it while the aircraft flew. What is left out is not judged."
            }
            Self::ExtractUnwitnessed => {
                "Part of a flight. Each file here is as the device recorded it, in its place in the flight's log. Nothing here shows that the ground saw all of it in time, so whoever holds the device's key could have made that part later. What is left out is not judged."
            }
            Self::ClockSuspect => {
                "Nothing was changed, but the times in the records contradict each other by more than their stated uncertainty."
            }
            Self::Doubt(Integrity::Intact) => "Nothing was changed.",
            Self::Doubt(Integrity::UnattestedTail) => {
                "Recording was cut off. What was attested in flight is intact; the last moments behind it were attested only afterwards."
            }
            Self::Doubt(Integrity::Incomplete) => {
                "A file ends before its end. What is left of it is read; the rest is gone."
            }
            Self::Doubt(Integrity::Gap) => "The recorder says itself that something is missing. The rest is intact.",
            Self::Doubt(Integrity::Missing) => {
                "A file or record that the flight names is not here. What is here may be intact."
            }
            Self::Doubt(Integrity::Truncated) => {
                "The log has no end: the flight was never closed, or its end was removed. Nobody can tell which from this copy."
            }
            Self::Doubt(Integrity::OutOfOrder) => {
                "Records, tree heads or segments do not stand in the order in which they were made."
            }
            Self::Doubt(Integrity::WrongFlight) => "Something in this folder belongs to another flight.",
            Self::Doubt(Integrity::Equivocation) => {
                "The device's key has signed two different histories of this flight. One of them is false."
            }
            Self::Doubt(Integrity::Altered) => "Bytes are not the ones that were recorded.",
            Self::Doubt(Integrity::KeyUntrusted) => {
                "The unit does not vouch for a key that signed this flight, so nothing it signed proves anything."
            }
            Self::Doubt(Integrity::Malformed) => "Something here is not in the format, or a signature does not verify.",
        }
    }

    /// What to do next.
    pub fn next(self, witness: Witness) -> &'static str {
        match self {
            Self::VerifiedUnwitnessed if witness == Witness::Late => {
                "What was seen in time can be relied on as witnessed. For the late items, listed below, say in the statement why the radio was silent, and who held the aircraft."
            }
            Self::VerifiedUnwitnessed if witness == Witness::Partial => {
                "Add the witness file of every ground station that was in reach; else say in the statement which part was not witnessed, and who held the aircraft."
            }
            Self::Verified => "Keep it sealed. Nothing else is needed.",
            Self::VerifiedSealedOnly => "Give --identity to look into the footage before it is relied on.",
            Self::VerifiedUnwitnessed => {
                "Add the ground witness's file if there is one; else say in the statement that the flight was not witnessed, and who held the aircraft."
            }
            Self::Extract => {
                "Say in the statement that this is a part, which files it covers, and who holds the whole flight. Ask for the whole flight wherever what is left out may matter."
            }
            Self::ExtractUnwitnessed => {
                "Ask for an extract made with the witness files of all ground stations; else say in the statement which part was not seen in time, and who held the aircraft."
            }
            Self::ClockSuspect => {
                "Compare the times with an independent source (air traffic, radio log) and state the difference."
            }
            Self::Doubt(Integrity::Intact) => "Nothing else is needed.",
            Self::Doubt(Integrity::UnattestedTail) => {
                "Use what was attested in flight as usual. If the tail matters, say that it was attested only after a restart."
            }
            Self::Doubt(Integrity::Incomplete | Integrity::Missing) => {
                "Look for the whole file on the aircraft, its card and the other store, and verify that copy."
            }
            Self::Doubt(Integrity::Gap) => "State the gap and its reason. The rest can be used.",
            Self::Doubt(Integrity::Truncated) => {
                "Recover the flight on the aircraft, or find a copy that ends with close; compare its size with what the ground witness saw."
            }
            Self::Doubt(
                Integrity::OutOfOrder
                | Integrity::WrongFlight
                | Integrity::Equivocation
                | Integrity::Altered
                | Integrity::Malformed,
            ) => "Do not use this copy. Keep it as it is, find who held it, and verify the copy in the other store.",
            Self::Doubt(Integrity::KeyUntrusted) => {
                "Check the fingerprint with the unit and get its current trust.json. If the key is still not vouched for, do not use this copy."
            }
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Doubt(integrity) => fmt::Display::fmt(integrity, f),
            Self::ClockSuspect => f.write_str("CLOCK-SUSPECT"),
            Self::VerifiedUnwitnessed => f.write_str("VERIFIED-UNWITNESSED"),
            Self::VerifiedSealedOnly => f.write_str("VERIFIED-SEALED-ONLY"),
            Self::Verified => f.write_str("VERIFIED"),
            Self::ExtractUnwitnessed => f.write_str("EXTRACT-UNWITNESSED"),
            Self::Extract => f.write_str("EXTRACT"),
        }
    }
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What no verdict can know, said under each of them.
pub const LIMITS: &str = "No verdict can know: whether the scene was staged, whether a sensor lied, whether the aircraft and everybody who vouches for it worked together, or what was never recorded.";

/// What no verdict on an extract can know.
pub const EXTRACT_LIMITS: &str = "No verdict on an extract can know: anything about the flight that is not in it; whether more was recorded before, between and after these files, and what it shows; whether the flight was closed, or has other faults. Nor, as ever: whether the scene was staged, whether a sensor lied, whether the aircraft and everybody who vouches for it worked together, or what was never recorded.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_that_applies() {
        use {Content as C, Integrity as I, Time as T, Witness as W};
        let order = [
            I::Malformed,
            I::KeyUntrusted,
            I::Altered,
            I::Equivocation,
            I::WrongFlight,
            I::OutOfOrder,
            I::Truncated,
            I::Missing,
            I::Gap,
            I::Incomplete,
            I::UnattestedTail,
        ];
        assert!(order.windows(2).all(|pair| pair[0] > pair[1]), "worst first, as the design lists them");
        for doubt in order {
            assert_eq!(Word::of(doubt, W::Full, C::Opened, T::Suspect), Word::Doubt(doubt));
        }
        assert_eq!(Word::of(I::Intact, W::None, C::Sealed, T::Suspect), Word::ClockSuspect);
        for witness in [W::None, W::Partial, W::Late] {
            assert_eq!(Word::of(I::Intact, witness, C::Sealed, T::Ok), Word::VerifiedUnwitnessed);
        }
        assert_eq!(Word::of(I::Intact, W::Full, C::Sealed, T::Ok), Word::VerifiedSealedOnly);
        assert_eq!(Word::of(I::Intact, W::Full, C::Opened, T::Ok), Word::Verified);
    }

    #[test]
    fn an_extract_is_never_verified() {
        use {Integrity as I, Time as T, Witness as W};
        assert_eq!(Word::of_extract(I::Intact, W::Full, T::Ok), Word::Extract);
        for witness in [W::None, W::Partial, W::Late] {
            assert_eq!(Word::of_extract(I::Intact, witness, T::Ok), Word::ExtractUnwitnessed);
            assert_eq!(Word::of_extract(I::Gap, witness, T::Suspect), Word::Doubt(I::Gap));
        }
        assert_eq!(Word::of_extract(I::Intact, W::Full, T::Suspect), Word::ClockSuspect);
    }
}
