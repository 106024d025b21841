//! Messages as files: the mail as it would be read, and every protocol's body.

use crate::home::HomeError;
use crate::home::files::{write_atomically, write_json};
use sim::world::sns::StoredMessage;
use std::path::Path;

/// Writes the messages that the folder does not have yet, numbered from 1.
pub(crate) fn save(folder: &Path, messages: &[StoredMessage]) -> Result<(), HomeError> {
    for (index, message) in messages.iter().enumerate() {
        let number = index + 1;
        let mail = folder.join(format!("{number:04}.txt"));
        if mail.exists() {
            continue;
        }
        write_json(&folder.join(format!("{number:04}.json")), message)?;
        write_atomically(&mail, as_mail(message).as_bytes())?;
    }
    Ok(())
}

fn as_mail(message: &StoredMessage) -> String {
    let subject = message.subject.as_deref().unwrap_or_default();
    format!(
        "Date: {}\nSubject: {subject}\n\n{}\n",
        message.at,
        message.body_for("email").trim_end()
    )
}
