//! A step of a permission's history as somebody fills it in: whom they spoke to, when, and what was said.

use flight_record::{Label, Reason, Sha256};
use jiff::Timestamp;
use mission_profiles::authorisation::{Authorisation, State};
use zeroize::Zeroizing;

use super::times::Moment;

/// Longest answer that is kept, characters.
const MAX_SAID: usize = 2_000;
/// The clock of who types and the station's may differ so much.
const AHEAD_S: i64 = 60;

/// What stands in the fields.
#[derive(Debug, Default)]
pub(crate) struct StepForm {
    /// Who was spoken or written to.
    pub(crate) who: String,
    /// When, as the clock on the wall showed it today; now, when nothing stands there.
    pub(crate) time: String,
    /// What was said, or why.
    pub(crate) said: String,
    /// Who signs, where nobody is signed in.
    pub(crate) name: String,
    /// Their PIN.
    pub(crate) pin: Zeroizing<String>,
}

/// Who signs.
pub(crate) enum Pen {
    /// Who is signed in at the station.
    SignedIn,
    /// Somebody with their PIN.
    Pin {
        /// The name of their account.
        name: Label,
        /// What they typed.
        pin: Zeroizing<String>,
    },
}

impl std::fmt::Debug for Pen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SignedIn => f.write_str("SignedIn"),
            Self::Pin { name, .. } => write!(f, "Pin({name})"),
        }
    }
}

/// A step that can be signed.
#[derive(Debug)]
pub(crate) struct Step {
    /// Of this permission.
    pub(crate) id: String,
    /// After this version.
    pub(crate) before: Sha256,
    /// To this state.
    pub(crate) to: State,
    /// When it happened.
    pub(crate) at: Timestamp,
    /// Who was called, when, what was said.
    pub(crate) how: String,
    /// For the ledger.
    pub(crate) reason: Reason,
    /// Who signs.
    pub(crate) pen: Pen,
}

/// How a step is asked for, and what it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StepWords {
    /// On its button: `Activate`.
    pub(crate) verb: &'static str,
    /// On the button that signs it.
    pub(crate) sign: &'static str,
    /// The first field: whom.
    pub(crate) who: &'static str,
    /// The second: what.
    pub(crate) said: &'static str,
    /// It cannot be taken back: what that means.
    pub(crate) last: Option<&'static str>,
}

/// What each step is called.
pub(crate) fn step_words(to: State) -> StepWords {
    let ended = "It stays in the register and cannot be taken up again.";
    let (verb, sign, who, said, last) = match to {
        State::Draft => ("Draft", "Sign", "Who", "What", None),
        State::Applied => ("Send", "Sign as sent", "To", "How it was sent, and what was asked", None),
        State::InPrinciple => ("In principle", "Sign as agreed", "Who", "What was said", None),
        State::Activated => ("Activate", "Sign and activate", "Who", "What was said", None),
        State::Suspended => ("Suspend", "Sign as suspended", "Who", "Why it is held back", None),
        State::Closed => ("Close", "Sign and close", "Who", "Why it is closed", Some(ended)),
        State::Refused => ("Refused", "Sign as refused", "Who", "Why it was refused", Some(ended)),
        State::Expired => ("Expired", "Sign as expired", "Who", "Why", Some(ended)),
    };
    StepWords { verb, sign, who, said, last }
}

impl StepForm {
    /// The step, when enough was filled in.
    ///
    /// # Errors
    /// What is missing, and what would do.
    pub(crate) fn read(
        &self,
        authorisation: &Authorisation,
        before: Sha256,
        to: State,
        moment: &Moment,
        signed_in: bool,
    ) -> Result<Step, String> {
        let (who, said) = (self.who.trim(), self.said.trim());
        let words = step_words(to);
        // A state that ends by itself needs nobody who was spoken to.
        if who.is_empty() && !matches!(to, State::Closed | State::Expired) {
            return Err(match to {
                State::Applied => "Say to whom it was sent".into(),
                _ => "Say who answered".into(),
            });
        }
        if said.is_empty() {
            return Err(format!("Fill in: {}", words.said.to_lowercase()));
        }
        if who.chars().count() + said.chars().count() > MAX_SAID {
            return Err(format!("Shorten it to {MAX_SAID} characters"));
        }
        let at = self.at(authorisation, moment)?;
        let how = how(to, who, said, &moment.clock(at));
        let reason = reason(&format!("{}: {said}", step_words(to).verb))?;
        let pen = self.pen(signed_in)?;
        Ok(Step { id: authorisation.id.clone(), before, to, at, how, reason, pen })
    }

    fn at(&self, authorisation: &Authorisation, moment: &Moment) -> Result<Timestamp, String> {
        let text = self.time.trim();
        let at = if text.is_empty() || text == moment.minutes(moment.now) {
            moment.now
        } else {
            moment.today_at(text).ok_or_else(|| format!("“{text}” is no time of day, such as 14:11"))?
        };
        if at.duration_since(moment.now).as_secs() > AHEAD_S {
            return Err(format!("{} is still to come", moment.clock(at)));
        }
        match authorisation.history.last() {
            Some(last) if at < last.at => {
                Err(format!("{} is before its last change, {}", moment.clock(at), moment.day_and_clock(last.at)))
            }
            Some(_) | None => Ok(at),
        }
    }

    /// Who signs.
    ///
    /// # Errors
    /// What is missing.
    pub(crate) fn pen(&self, signed_in: bool) -> Result<Pen, String> {
        if signed_in {
            return Ok(Pen::SignedIn);
        }
        let name = self.name.trim().parse().map_err(|_| "Give the name of your account".to_owned())?;
        if self.pin.is_empty() {
            return Err("Give your PIN".into());
        }
        Ok(Pen::Pin { name, pin: self.pin.clone() })
    }
}

/// What the history keeps of it.
fn how(to: State, who: &str, said: &str, clock: &str) -> String {
    match to {
        State::Activated | State::InPrinciple | State::Suspended => {
            format!("call at {clock}, answered by {who}: “{said}”")
        }
        State::Applied => format!("sent to {who} at {clock}: {said}"),
        State::Draft | State::Closed | State::Refused | State::Expired if who.is_empty() => said.to_owned(),
        State::Draft | State::Closed | State::Refused | State::Expired => format!("{who} at {clock}: {said}"),
    }
}

/// The ledger's reason: what was said, as far as the ledger's letters and length go. The whole stands in the document.
///
/// # Errors
/// When nothing of it can be written there.
pub(crate) fn reason(text: &str) -> Result<Reason, String> {
    let plain = text.chars().map(|letter| match letter {
        '“' | '”' | '"' | '’' | '‘' => '\'',
        '–' | '—' => '-',
        letter if letter.is_ascii_graphic() && letter != '\\' => letter,
        _ => ' ',
    });
    let plain: String = plain.take(200).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    plain.parse().map_err(|_| "Say a little more: three letters at least".to_owned())
}
