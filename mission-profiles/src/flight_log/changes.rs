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

/// A value in words; of one with parts, those that say something.
fn said(value: &Value) -> String {
    let text = match value {
        Value::Null => "nothing".to_owned(),
        Value::Object(parts) => {
            let says =
                |value: &Value| !matches!(value, Value::Null) && value.as_array().is_none_or(|all| !all.is_empty());
            let part = |(name, value): (&String, &Value)| {
                format!("{name} {}", value.as_str().map_or_else(|| said(value), str::to_owned))
            };
            parts.iter().filter(|(_, value)| says(value)).map(part).collect::<Vec<_>>().join(", ")
        }
        value => value.to_string(),
    };
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain(['…']).collect() }
}
