//! Undo and redo: bounded, of whole documents.

use std::collections::VecDeque;
use std::sync::Arc;

use super::document::{Document, Edit};

/// Steps that can be undone.
const MOST: usize = 200;

/// A document and what it was before, and after.
#[derive(Debug, Clone)]
pub(crate) struct History {
    now: Arc<Document>,
    before: VecDeque<Arc<Document>>,
    after: Vec<Arc<Document>>,
}

impl History {
    /// With nothing to undo.
    pub(crate) fn new(document: Document) -> Self {
        Self { now: Arc::new(document), before: VecDeque::new(), after: Vec::new() }
    }

    /// As it is.
    pub(crate) fn now(&self) -> &Arc<Document> {
        &self.now
    }

    /// Makes a change; whether it changes anything. One that goes on with the last (a drag) is undone with it.
    pub(crate) fn edit(&mut self, edit: &Edit, goes_on: bool) -> bool {
        let new = self.now.edited(edit);
        if new == *self.now {
            return false;
        }
        let was = std::mem::replace(&mut self.now, Arc::new(new));
        self.after.clear();
        if !goes_on || self.before.is_empty() {
            if self.before.len() >= MOST {
                self.before.pop_front();
            }
            self.before.push_back(was);
        }
        true
    }

    /// Whether there is something to undo, and to redo.
    pub(crate) fn can(&self) -> (bool, bool) {
        (!self.before.is_empty(), !self.after.is_empty())
    }

    /// Back by one; whether there was one.
    pub(crate) fn undo(&mut self) -> bool {
        let Some(was) = self.before.pop_back() else { return false };
        self.after.push(std::mem::replace(&mut self.now, was));
        true
    }

    /// Forth again by one; whether there was one.
    pub(crate) fn redo(&mut self) -> bool {
        let Some(next) = self.after.pop() else { return false };
        self.before.push_back(std::mem::replace(&mut self.now, next));
        true
    }
}
