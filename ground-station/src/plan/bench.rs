//! Where plans are worked out beside the window: a thread that holds the rules, and answers the newest question.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use mission_profiles::zones::Index;

use super::rules::Loaded;
use crate::state::plan::work::{Answer, Question, work_out};

/// The way to the thread and back.
pub(crate) struct Bench {
    ask: SyncSender<Question>,
    answers: Receiver<Answer>,
    /// A question that found the thread busy.
    waiting: Option<Question>,
}

impl Bench {
    /// Starts it with these rules; `wake` is called after each answer. It ends when this is dropped.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(rules: Arc<Loaded>, wake: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let (ask, asked) = sync_channel::<Question>(1);
        let (send, answers) = sync_channel::<Answer>(4);
        let work = move || {
            let index = Index::new(&rules.datasets);
            while let Ok(first) = asked.recv() {
                let question = asked.try_iter().last().unwrap_or(first);
                if send.send(work_out(&question, &rules, &index)).is_err() {
                    return;
                }
                wake();
            }
        };
        std::thread::Builder::new().name("plan".into()).spawn(work)?;
        Ok(Self { ask, answers, waiting: None })
    }

    /// Asks; a question that waits gives way to a newer one.
    pub(crate) fn ask(&mut self, question: Question) {
        self.waiting = Some(question);
        self.pass_on();
    }

    /// The newest answer, where there is one.
    pub(crate) fn answer(&mut self) -> Option<Answer> {
        let newest = self.answers.try_iter().last();
        self.pass_on();
        newest
    }

    fn pass_on(&mut self) {
        if let Some(question) = self.waiting.take()
            && let Err(TrySendError::Full(question)) = self.ask.try_send(question)
        {
            self.waiting = Some(question);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::plan::tests::{rules, search};

    #[test]
    fn the_newest_question_is_answered() {
        let (woken, wakes) = sync_channel(8);
        let mut bench = Bench::start(Arc::new(rules()), move || woken.send(()).unwrap()).unwrap();
        let mut planner = search();
        let now = "2026-07-30T09:00:00Z".parse().unwrap();
        for _ in 0..3 {
            planner.stale();
            bench.ask(planner.question(now).unwrap());
        }
        while planner.is_pending() {
            wakes.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
            if let Some(answer) = bench.answer() {
                planner.answer(answer);
            }
        }
        assert!(planner.worked().is_some());
    }
}
