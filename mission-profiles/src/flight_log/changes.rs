//! What somebody changed from one version of an entry to the next.

use serde_json::Value;

use super::Entry;

/// Longest value said, characters.
const LONGEST: usize = 120;

/// Each change in words: `header.pilot: "P1" became "P2"`.
#[must_use]
pub fn changes(before: &Entry, after: &Entry) -> Vec<String> {
    let mut found = Vec::new();
    if let (Ok(before), Ok(after)) = (serde_json::to_value(before), serde_json::to_value(after)) {
        compare("", &before, &after, &mut found);
    }
    found
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in after {
                compare(&below(key), before.get(key).unwrap_or(&Value::Null), value, found);
            }
            for key in before.keys().filter(|key| !after.contains_key(*key)) {
                found.push(format!("{} is gone", below(key)));
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            let more = after.iter().filter(|value| !before.contains(value));
            found.extend(more.map(|value| format!("{path}: {} was added", said(value))));
            let less = before.iter().filter(|value| !after.contains(value));
            found.extend(less.map(|value| format!("{path}: {} was taken away", said(value))));
        }
        (before, after) if before != after => found.push(format!("{path}: {} became {}", said(before), said(after))),
        _ => {}
    }
}

fn said(value: &Value) -> String {
    let text = if *value == Value::Null { "nothing".to_owned() } else { value.to_string() };
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain(['…']).collect() }
}
