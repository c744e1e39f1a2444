//! The conversation that an order is.

use anyhow::Result;
use vehicle_link::command::{Action, Command, Refusal, Request};
use vehicle_link::frames::{Body, Frame};
use vehicle_link::missions::{Failure, Kind};
use vehicle_link::parameters::{self, Encoding, Name, Parameter, Read};
use vehicle_link::peers::Address;

use super::recorded;
use super::translate::{Step, translate};
use super::{Answer, Held, Order, Outcome, Situation};
use crate::clock;
use crate::fly::{ARDUPILOT, Far, home_of, is_unsupported, load};
use crate::link::{Converse, Does, Watch, ends};
use crate::record::order::Unanswered;
use crate::tasks::meter::is_stop;

/// Words about a refusal may come this long after it.
const WORDS_NS: u64 = 1_500_000_000;
/// An urgent order is sent so often until it is answered.
const INSIST_NS: u64 = 250_000_000;
/// After so long without an answer the pilot is told; by then the vehicle flies by its failsafe.
const INSIST_FOR_NS: u64 = 30_000_000_000;
const MAV_RESULT_UNSUPPORTED: u8 = 3;
/// Parameters asked for at once.
const AT_ONCE: usize = 8;
/// Most parameters of one order.
const MAX_NAMES: usize = 256;

/// An ear that also remembers what the vehicle says in words.
pub(crate) trait Caller: Converse {
    /// The vehicle as this ear heard it.
    fn watch(&mut self) -> &mut Watch;
}

/// Carries an order out; how it ended. `say` is told how far it is.
///
/// # Errors
/// When the link is gone.
pub(crate) async fn carry_out(
    order: &Order,
    now: &Situation,
    ear: &mut impl Caller,
    say: &impl Fn(Far),
) -> Result<Outcome> {
    let done = match order {
        Order::Signed(signed) => recorded::order(ear, signed).await,
        Order::Mark(marked) => recorded::mark(ear, marked).await,
        Order::Papers(papers) => recorded::papers(ear, papers).await,
        Order::ReadParameters(names) => read_parameters(ear, now, names).await,
        Order::Upload(plan) => {
            let home = (now.vehicle.autopilot == ARDUPILOT).then(|| home_of(plan, now.place));
            match home {
                Some(None) => {
                    return Ok(Outcome::Refused(
                        "the plan has no planned home and the vehicle does not say where it stands; wait for its position"
                            .to_owned(),
                    ));
                }
                home => load(ear, &now.vehicle, plan, home.flatten(), say)
                    .await
                    .map(|loaded| Answer::Plan(Held { cleared: loaded.cleared, ..Held::new(loaded.held) })),
            }
        }
        Order::ReadPlan => read_plan(ear, now.vehicle.address).await,
        _ => {
            return match translate(order, now) {
                Ok(steps) => command(ear, order, &steps).await,
                Err(why) => Ok(Outcome::Refused(why.to_string())),
            };
        }
    };
    Ok(done.map_or_else(|error| failed(&error), Outcome::Accepted))
}

/// How a refusal begins of what a vehicle does not know at all.
pub(crate) const NOT_TAKEN: &str = "this vehicle does not take it";

/// What was not answered may have been done; what was refused was not.
fn failed(error: &anyhow::Error) -> Outcome {
    if is_stop(error) {
        return Outcome::Cancelled;
    }
    let transfer = matches!(error.downcast_ref::<Failure>(), Some(Failure::Timeout { .. }));
    let words = format!("{error:#}");
    if transfer || error.is::<Unanswered>() { Outcome::Silent(words) } else { Outcome::Refused(words) }
}

async fn command(ear: &mut impl Caller, order: &Order, steps: &[Step]) -> Result<Outcome> {
    for step in steps {
        let mut refusal = None;
        for command in &step.tries {
            let answer = if order.is_urgent() {
                insist(ear, step.to, *command).await?
            } else {
                ear.command(step.to, *command).await?
            };
            refusal = answer.err();
            // Who does not answer the first does not answer the second.
            if matches!(refusal, None | Some(Refusal::Timeout)) {
                break;
            }
        }
        match refusal.filter(|_| !step.optional) {
            None => {}
            Some(Refusal::Timeout) => {
                return Ok(Outcome::Silent("no answer; nothing was changed as far as can be told".to_owned()));
            }
            Some(refusal) => return Ok(Outcome::Refused(with_words(ear, refusal).await?)),
        }
    }
    Ok(Outcome::Accepted(Answer::Done))
}

/// Gives a command and says it again and again until it is answered, for as long as it is worth it.
async fn insist(ear: &mut impl Caller, to: Address, command: Command) -> Result<Result<(), Refusal>> {
    let begun_ns = clock::mono_ns();
    let (mut request, first) = Request::start(ends(to), command, begun_ns);
    let mut again = Again { body: body_of(&first), next_ns: begun_ns + INSIST_NS };
    let step = |frame: Option<&Frame>, now_ns: u64| {
        let Some(frame) = frame else {
            let mut actions: Vec<Action> = again.due(now_ns).map(Action::Send).into_iter().collect();
            match request.poll(now_ns) {
                Some(Action::Refused(Refusal::Timeout)) if now_ns.saturating_sub(begun_ns) < INSIST_FOR_NS => {
                    request = Request::start(ends(to), command, now_ns).0;
                }
                Some(Action::Send(_)) | None => {}
                Some(ended) => actions.push(ended),
            }
            return actions;
        };
        request.frame(frame, now_ns).into_iter().collect()
    };
    let does = |action| {
        Ok(match action {
            Action::Send(body) => Does::Send(body),
            Action::Progress(_) => Does::Nothing,
            Action::Accepted => Does::End(Ok(())),
            Action::Refused(why) => Does::End(Err(why)),
        })
    };
    ear.converse(vec![first], step, does).await
}

struct Again {
    body: Option<Body>,
    next_ns: u64,
}

impl Again {
    fn due(&mut self, now_ns: u64) -> Option<Body> {
        if now_ns < self.next_ns {
            return None;
        }
        self.next_ns = now_ns + INSIST_NS;
        self.body.clone()
    }
}

fn body_of(action: &Action) -> Option<Body> {
    match action {
        Action::Send(body) => Some(body.clone()),
        Action::Progress(_) | Action::Accepted | Action::Refused(_) => None,
    }
}

/// A refusal with what the vehicle says about it.
async fn with_words(ear: &mut impl Caller, refusal: Refusal) -> Result<String> {
    let until_ns = clock::mono_ns() + WORDS_NS;
    let mut words = ear.watch().complaints();
    while words.is_empty() && clock::mono_ns() < until_ns {
        ear.next().await?;
        words = ear.watch().complaints();
    }
    let refusal = in_words(refusal);
    Ok(if words.is_empty() { refusal } else { format!("{refusal}. It says: {}", words.join("; ")) })
}

/// What a vehicle does not know is no matter of this moment: asking again does not help.
fn in_words(refusal: Refusal) -> String {
    match refusal {
        Refusal::Result(MAV_RESULT_UNSUPPORTED) => NOT_TAKEN.to_owned(),
        other => other.to_string(),
    }
}

async fn read_plan(ear: &mut impl Caller, from: Address) -> Result<Answer> {
    let mut kinds = Vec::new();
    for kind in Kind::ALL {
        let items = match ear.download(from, kind, |_| {}).await {
            // A vehicle that knows no fences has none.
            Err(error) if kind != Kind::Mission && is_unsupported(&error) => Vec::new(),
            other => other?,
        };
        kinds.push((kind, items));
    }
    Ok(Answer::Plan(Held::new(kinds)))
}

async fn read_parameters(ear: &mut impl Caller, now: &Situation, names: &[Name]) -> Result<Answer> {
    anyhow::ensure!(names.len() <= MAX_NAMES, "{} parameters: {MAX_NAMES} are read at once", names.len());
    let encoding = Encoding::of(now.capabilities, now.vehicle.autopilot);
    let (mut are, mut missing) = (Vec::new(), Vec::new());
    for some in names.chunks(AT_ONCE) {
        let (found, absent) = read_some(ear, now.vehicle.address, encoding, some).await?;
        are.extend(found);
        missing.extend(absent);
    }
    Ok(Answer::Parameters { are, missing })
}

enum Reading {
    Send(Body),
    Over,
}

/// Reads a few at once.
async fn read_some(
    ear: &mut impl Caller,
    of: Address,
    encoding: Encoding,
    names: &[Name],
) -> Result<(Vec<Parameter>, Vec<Name>)> {
    let now_ns = clock::mono_ns();
    let mut first = Vec::new();
    let mut reads = Vec::new();
    for name in names {
        let (read, parameters::Action::Send(body)) = Read::start(ends(of), encoding, *name, now_ns) else { continue };
        first.push(Reading::Send(body));
        reads.push((*name, read));
    }
    let (mut are, mut missing) = (Vec::new(), Vec::new());
    let step = |frame: Option<&Frame>, now_ns: u64| {
        let mut actions = Vec::new();
        for (name, read) in &mut reads {
            let action = match frame {
                Some(frame) => read.frame(frame, now_ns),
                None => read.poll(now_ns),
            };
            match action {
                Some(parameters::Action::Send(body)) => actions.push(Reading::Send(body)),
                Some(parameters::Action::Is(parameter)) => are.push(parameter),
                Some(parameters::Action::Failed(_)) => missing.push(*name),
                Some(parameters::Action::Listed(_)) | None => {}
            }
        }
        if reads.iter().all(|(_, read)| read.is_over()) {
            actions.push(Reading::Over);
        }
        actions
    };
    let does = |action| {
        Ok(match action {
            Reading::Send(body) => Does::Send(body),
            Reading::Over => Does::End(()),
        })
    };
    ear.converse(first, step, does).await?;
    Ok((are, missing))
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;
    use vehicle_link::missions::Step as At;

    use super::*;

    #[test]
    fn what_was_not_answered_is_silence_and_what_was_refused_a_refusal() {
        let transfer =
            |failure: Failure| failed(&Err::<(), _>(failure).context("the mission was not taken").unwrap_err());
        assert!(
            matches!(transfer(Failure::Timeout { at: At::End }), Outcome::Silent(words) if words.contains("not taken"))
        );
        assert!(matches!(transfer(Failure::Refused { result: 14, at: At::Begin }), Outcome::Refused(_)));
        assert!(matches!(failed(&Unanswered::Heard.into()), Outcome::Silent(_)));
        assert!(matches!(failed(&anyhow::anyhow!("the aircraft says: Order refused")), Outcome::Refused(_)));
        assert!(is_unsupported(&Failure::Refused { result: 3, at: At::Begin }.into()));
        assert_eq!(
            failed(&anyhow::Error::from(crate::tasks::meter::Stopped).context("the mission was not taken")),
            Outcome::Cancelled
        );
        assert_eq!(in_words(Refusal::Result(MAV_RESULT_UNSUPPORTED)), NOT_TAKEN);
        assert_eq!(in_words(Refusal::Result(2)), "the vehicle refused: denied");
    }
}
