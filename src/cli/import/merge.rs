//! How a row meets a stored record: what it overwrites, what it only fills, and what it leaves alone.
//!
//! Nothing is ever cleared. Pure: the record comes from `upsert.rs` and goes back there.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};
use prost_types::FieldMask;

use crate::cli::import::row::{Draft, ExternalId, Part, Setting};
use crate::cli::import::target::Element;
use crate::mask;

/// How far a row may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// What stands in the row wins over what is stored; the first row of a key.
    Sync,
    /// What is stored stays, and the row fills and adds; every later row of the same key.
    Add,
}

/// Returns the record as it is after the row. Values that a person has pinned (`locked_paths`) stay as they are.
pub fn merged(stored: &DynamicMessage, draft: &Draft, mode: Mode) -> DynamicMessage {
    let mut record = stored.clone();
    let mut taken: Vec<Element> = Vec::new();
    for part in &draft.parts {
        match part {
            Part::Value(setting) => setting.put(mode == Mode::Sync, &mut record),
            Part::Element(element, settings) => {
                put_element(&mut record, element, settings, mode, &mut taken)
            }
        }
    }
    let locked = stored.get_field_by_name("locked_paths");
    let locked = locked
        .iter()
        .flat_map(|paths| paths.as_list().unwrap_or_default());
    let paths = locked
        .filter_map(|path| path.as_str().map(str::to_owned))
        .collect();
    let locked = mask::parse(Some(&FieldMask { paths }), &record.descriptor());
    if let Ok(locked @ mask::Mask::Paths(_)) = locked {
        locked.update(stored, &mut record);
    }
    for id in &draft.ids {
        add_external_id(&mut record, id);
    }
    record
}

/// Returns the top-level fields in which two states of a record differ.
pub fn differences(before: &DynamicMessage, after: &DynamicMessage) -> Vec<String> {
    let message = before.descriptor();
    let differs = |field: &FieldDescriptor| before.get_field(field) != after.get_field(field);
    message
        .fields()
        .filter(differs)
        .map(|field| field.name().to_owned())
        .collect()
}

fn add_external_id(record: &mut DynamicMessage, (system, id): &ExternalId) {
    let Some(field) = record.descriptor().get_field_by_name("external_ids") else {
        return;
    };
    let Kind::Message(message) = field.kind() else {
        return;
    };
    let mut external_id = DynamicMessage::new(message);
    external_id.set_field_by_name("system", Value::String(system.clone()));
    external_id.set_field_by_name("id", Value::String(id.clone()));
    let Some(ids) = record.get_field_mut(&field).as_list_mut() else {
        return;
    };
    let external_id = Value::Message(external_id);
    if !ids.contains(&external_id) {
        ids.push(external_id);
    }
}

/// Puts the values of one list element into the element that they are about, or into a new one.
fn put_element(
    record: &mut DynamicMessage,
    element: &Element,
    settings: &[Setting],
    mode: Mode,
    taken: &mut Vec<Element>,
) {
    let (field, index) = element;
    let Kind::Message(message) = field.kind() else {
        return;
    };
    let Some(list) = record.get_field_mut(field).as_list_mut() else {
        return;
    };
    let free: Vec<(usize, &DynamicMessage)> = list
        .iter()
        .enumerate()
        .filter(|(i, _)| !taken.contains(&(field.clone(), *i)))
        .filter_map(|(i, element)| Some((i, element.as_message()?)))
        .collect();
    let found = find_element(&free, *index, settings, mode);
    let at = found.unwrap_or_else(|| {
        list.push(Value::Message(DynamicMessage::new(message)));
        list.len() - 1
    });
    if let Some(Value::Message(message)) = list.get_mut(at) {
        *message = filled(message.clone(), settings, mode);
    }
    taken.push((field.clone(), at));
}

/// Finds the element that the values are about, among those that no other values of the row have taken.
///
/// Elements have no key. In this order, an element is the one when it has all values of the row and all constants; has
/// all values of the row; has all constants, such as `type = WORK` (or, where the mapping gives none, stands at the
/// same place). So a number that changed in the file replaces the old one, and what people added stays. A later row
/// of a key takes, instead of the last of these, an element that it only has to fill.
fn find_element(
    free: &[(usize, &DynamicMessage)],
    index: usize,
    settings: &[Setting],
    mode: Mode,
) -> Option<usize> {
    let find = |fits: &dyn Fn(&DynamicMessage) -> bool| {
        free.iter()
            .find(|(_, message)| fits(message))
            .map(|(i, _)| *i)
    };
    let (cells, constants): (Vec<&Setting>, Vec<&Setting>) =
        settings.iter().partition(|setting| setting.from_cell);
    let has_cells = |message: &DynamicMessage| cells.iter().all(|setting| setting.is_in(message));
    let has_constants =
        |message: &DynamicMessage| constants.iter().all(|setting| setting.is_in(message));
    let same =
        find(&|message| has_cells(message) && has_constants(message)).or_else(|| find(&has_cells));
    same.or_else(|| match mode {
        Mode::Sync if constants.is_empty() => free.iter().map(|(i, _)| *i).find(|i| *i == index),
        Mode::Sync => find(&has_constants),
        Mode::Add => find(&|message| {
            let filled = filled(message.clone(), settings, Mode::Add);
            has_cells(&filled) && has_constants(&filled)
        }),
    })
}

fn filled(mut message: DynamicMessage, settings: &[Setting], mode: Mode) -> DynamicMessage {
    for setting in settings {
        setting.put(mode == Mode::Sync, &mut message);
    }
    message
}
